/**
 * Puts the certificate and the second stage under every plain `tls.connect` of a process, and with it under `https`, undici and `fetch`:
 * such a call presents the certificate to a verified server of the own trust domain, or fails with a code before anything of it is sent.
 */
import { Socket } from 'node:net';
import { type connect, type ConnectionOptions, TLSSocket } from 'node:tls';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { createPeerVerifier, keepStaple, type PeerVerifier } from '../../runtime/tls/index.ts';
import { Checks } from './checks.ts';
import { hostOf, isOwnAffair, orderArguments } from './destination.ts';
import { holdBack } from './hold-back.ts';
import { OutboundIdentity } from './outbound-identity.ts';
import { type Kind, kindOf, type Outgoing, policyOf } from './outgoing.ts';

export interface OutboundPlace {
  /** The folder of the certificate. */
  readonly folder: string;
  /** The names of its files there. */
  readonly certificate: string;
  readonly key: string;
}

type Connect = typeof connect;

/** @param plainConnect Node's own @returns what to put in its place */
export function armOutbound(plainConnect: Connect, place: OutboundPlace): Connect {
  let identity: OutboundIdentity | undefined;
  return guardConnect(plainConnect, () => {
    if (identity === undefined) identity = new OutboundIdentity(place.folder, place);
    else identity.catchUp();
    return identity;
  });
}

/** The same with what `outgoing` finds at each call; where it throws, the call fails with CS-RUN-011. */
export function guardConnect(plainConnect: Connect, outgoing: () => Outgoing): Connect {
  const outbound = new Outbound(plainConnect, outgoing);
  return (...given: readonly unknown[]): TLSSocket => outbound.connect(given);
}

/** Verifiers are kept by the policy that they hold; a program that calls more servers than this begins anew. Own choice. */
const mostVerifiers = 1_000;

class Outbound {
  readonly #plainConnect: Connect;
  readonly #outgoing: () => Outgoing;
  readonly #verifiers = new Map<string, PeerVerifier>();

  constructor(plainConnect: Connect, outgoing: () => Outgoing) {
    this.#plainConnect = plainConnect;
    this.#outgoing = outgoing;
  }

  connect(given: readonly unknown[]): TLSSocket {
    const { options, callback } = orderArguments(given);
    if (isOwnAffair(options)) return this.#asGiven(given);
    const host = hostOf(options);
    let checks: Checks;
    try {
      const identity = this.#outgoing();
      if (identity.isPublic(host)) return this.#asGiven(given);
      const kind = kindOf(options, host, identity);
      checks = new Checks(identity, this.#verifierFor(kind, host, identity), kind, host);
    } catch (error) {
      return failed(new Refusal('CS-RUN-011', { server: host, reason: reasonOf(error) }, { cause: error }));
    }
    return this.#guarded(options, callback, checks);
  }

  #asGiven(given: readonly unknown[]): TLSSocket {
    return Reflect.apply(this.#plainConnect, undefined, given) as TLSSocket;
  }

  #guarded(options: ConnectionOptions, callback: (() => void) | undefined, checks: Checks): TLSSocket {
    const { checkServerIdentity } = options;
    const guarded: ConnectionOptions = {
      ...options,
      ...withoutWeakening,
      secureContext: checks.context,
      rejectUnauthorized: true,
      // Always: a certificate may promise one (RFC 7633, 4.2.3.1).
      requestOCSP: true,
      checkServerIdentity: (name, certificate) => checks.refusal ?? checkServerIdentity?.(name, certificate),
    };
    const socket = this.#plainConnect(guarded, callback);
    keepStaple(socket);
    checks.limitHandshake(socket, options.socket !== undefined);
    // Nothing leaves before the verdict: a request that goes to nobody was not sent.
    const held = holdBack(socket, () => checks.decide(socket));
    socket.prependOnceListener('secureConnect', () => {
      if (checks.goLive(socket)) held.letOut();
    });
    const destroy = socket.destroy.bind(socket);
    socket.destroy = (error?: Error) => destroy(checks.named(error));
    return socket;
  }

  #verifierFor(kind: Kind, host: string, identity: Outgoing): PeerVerifier {
    const key = kind === 'name' ? host : `${kind}:`;
    const known = this.#verifiers.get(key);
    if (known !== undefined) return known;
    const { trust, clock } = identity;
    const verifier = createPeerVerifier({ peer: 'server', policy: policyOf(kind, host, identity), trust, clock });
    if (this.#verifiers.size >= mostVerifiers) this.#verifiers.clear();
    this.#verifiers.set(key, verifier);
    return verifier;
  }
}

/** A resumed session skips every check, so none is ever offered; the rest would take the place of what the context says. */
const withoutWeakening: ConnectionOptions = {
  session: undefined,
  ca: undefined,
  crl: undefined,
  minVersion: undefined,
  maxVersion: undefined,
  ciphers: undefined,
  secureOptions: undefined,
  secureProtocol: undefined,
  enableTrace: false,
};

/** A socket that fails as one does whose server is not there: in its time, and to whoever listens. */
function failed(refusal: Refusal): TLSSocket {
  const socket = new TLSSocket(new Socket());
  process.nextTick(() => socket.destroy(refusal));
  return socket;
}

function reasonOf(error: unknown): string {
  if (isRefusal(error)) return error.code;
  return error instanceof Error && 'code' in error ? String(error.code) : 'not readable';
}
