/**
 * Puts the certificate and the second stage under every plain `tls.connect` of a process, and with it under `https`, undici and `fetch`:
 * such a call presents the certificate to a verified server of the own trust domain, or fails with a code before anything of it is sent.
 */
import { isIP, Socket } from 'node:net';
import { type connect, type ConnectionOptions, type PeerCertificate, type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { allowAnyPeer, canonicalDnsName, dnsName, type PeerPolicy } from '../../identity/authorization/index.ts';
import {
  certificateRefusal,
  createPeerVerifier,
  gateReadable,
  handshakeRefusal,
  LiveConnection,
  type PeerVerifier,
  type Trust,
  unansweredFor,
  type VerifiedPeer,
} from '../../runtime/tls/index.ts';
import { hostOf, isLoopback, isOwnAffair, orderArguments } from './destination.ts';
import { OutboundIdentity } from './outbound-identity.ts';

export interface OutboundPlace {
  /** The folder of the certificate. */
  readonly folder: string;
  /** The names of its files there. */
  readonly certificate: string;
  readonly key: string;
}

type Connect = typeof connect;

/** What a call is made with, and who may answer it. */
export interface Outgoing {
  readonly trust: Trust;
  readonly clock: Clock;
  readonly trustDomain: string;
  /** For a connection that begins now. */
  context(): SecureContext;
  isPublic(host: string): boolean;
  /** Where it says who may be the server, whatever the address. */
  readonly to: PeerPolicy | undefined;
  /** The longest that a handshake may take. Default 10 s. */
  readonly timeoutMs?: number;
}

/** As on the other endpoints; Node has no limit of its own here. */
const defaultTimeoutMs = 10_000;

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

/** OpenSSL's errors, and its verdicts on certificates, which alone are named without a beginning of Node's. */
function isOfHandshake(error: Error): boolean {
  const code: unknown = Reflect.get(error, 'code');
  return (
    typeof code === 'string' && (code.startsWith('ERR_SSL_') || certificateRefusal(code, 'not read') !== undefined)
  );
}

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
      checkServerIdentity: (name, certificate) =>
        checks.verify(socket, certificate) ?? checkServerIdentity?.(name, certificate),
    };
    const socket = this.#plainConnect(guarded, callback);
    checks.limitHandshake(socket, options.socket !== undefined);
    // Nothing leaves before the verdict: a request that goes to nobody was not sent.
    socket.cork();
    socket.prependOnceListener('secureConnect', () => {
      checks.goLive(socket);
      socket.uncork();
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

/** What says who the server may be: `--to`, nothing but the trust domain (on this machine), the name or the address that is called. */
type Kind = 'to' | 'here' | 'name' | 'address';

function kindOf(options: ConnectionOptions, host: string, { to }: Outgoing): Kind {
  if (to !== undefined) return 'to';
  if (isLoopback(options)) return 'here';
  return isIP(host) === 0 && canonicalDnsName(host) !== undefined ? 'name' : 'address';
}

/** No policy knows addresses; `Checks` compares them. */
function policyOf(kind: Kind, host: string, { to }: Outgoing): PeerPolicy {
  if (kind === 'to' && to !== undefined) return to;
  return kind === 'name' ? dnsName(host) : allowAnyPeer();
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

/** What one connection is held to. */
class Checks {
  readonly context: SecureContext;
  readonly #identity: Outgoing;
  readonly #verifier: PeerVerifier;
  readonly #kind: Kind;
  readonly #host: string;
  #verified: VerifiedPeer | undefined;

  constructor(identity: Outgoing, verifier: PeerVerifier, kind: Kind, host: string) {
    this.#identity = identity;
    this.#kind = kind;
    this.#verifier = verifier;
    this.#host = host;
    this.context = identity.context();
  }

  /** As `checkServerIdentity` answers: why not, or `undefined`. */
  verify(socket: TLSSocket, certificate: PeerCertificate): Error | undefined {
    try {
      if (socket.isSessionReused()) throw new Refusal('CS-TLS-005', { address: this.#host });
      const peer = this.#verifier.verify(chainOf(certificate));
      this.#requireAddress(peer);
      // Signature algorithms are shared with a server that sent a CertificateRequest (RFC 8446, 4.3.2), and with no other.
      if (socket.getSharedSigalgs().length === 0)
        throw new Refusal('CS-RUN-010', { server: this.#host, peer: peer.name });
      this.#verified = peer;
      return undefined;
    } catch (error) {
      this.#fetchFor(error);
      if (isRefusal(error)) return error;
      return new Refusal('CS-PEER-006', { subject: this.#host, reason: 'could not be verified' }, { cause: error });
    }
  }

  /** This call can't wait; the next one finds the answer. */
  #fetchFor(refusal: unknown): void {
    const subject = unansweredFor(refusal);
    const { trust, timeoutMs = defaultTimeoutMs } = this.#identity;
    if (subject !== undefined) void trust.statuses?.fetchFor(subject, AbortSignal.timeout(timeoutMs));
  }

  /** From the moment in which the server is reached: how long that may take is the program's affair. */
  limitHandshake(socket: TLSSocket, reached: boolean): void {
    const { clock, timeoutMs = defaultTimeoutMs } = this.#identity;
    const begin = (): void => {
      const tooLate = (): void => void socket.destroy(new Refusal('CS-TLS-002', { address: this.#host, timeoutMs }));
      const timer = clock.after(timeoutMs, tooLate);
      for (const end of ['secureConnect', 'close']) socket.once(end, () => timer.cancel());
    };
    if (reached) begin();
    else socket.once('connect', begin);
  }

  goLive(socket: TLSSocket): void {
    if (this.#verified === undefined) {
      socket.destroy(new Refusal('CS-PEER-006', { subject: this.#host, reason: 'was not verified' }));
      return;
    }
    const peer = this.#verified;
    const live = new LiveConnection({
      peer,
      trust: this.#identity.trust,
      verifier: this.#verifier,
      close: (refusal) => void socket.destroy(refusal),
    });
    socket.once('close', () => live.end());
    gateReadable(socket, live);
  }

  /** The error that a connection ends with: what is wrong with the server or its handshake in our words; what the network did stays Node's. */
  named(error: Error | undefined): Error | undefined {
    if (error === undefined || isRefusal(error) || this.#verified !== undefined || !isOfHandshake(error)) return error;
    const refusal = handshakeRefusal({ error, address: this.#host, minVersion: 'TLSv1.3' });
    if (refusal.code !== 'CS-PEER-002') return refusal;
    const { trustDomain } = this.#identity;
    const reason = String(Reflect.get(error, 'code'));
    return new Refusal('CS-RUN-007', { server: this.#host, trustDomain, reason }, { cause: error });
  }

  #requireAddress(peer: VerifiedPeer): void {
    if (this.#kind !== 'address' || peer.ipAddresses.includes(this.#host)) return;
    throw new Refusal('CS-PEER-007', { peer: peer.name, expected: `the address ${this.#host}` });
  }
}

/** The leaf first; Node ends the row with a certificate that is its own issuer. */
function chainOf(leaf: PeerCertificate): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<unknown>();
  let at: (PeerCertificate & { issuerCertificate?: unknown }) | undefined = leaf;
  while (at !== undefined && !seen.has(at) && chain.length < mostPresented) {
    seen.add(at);
    chain.push(new Uint8Array(at.raw));
    at = at.issuerCertificate as PeerCertificate | undefined;
  }
  return chain;
}

/** The leaf and eight more, as on the other endpoints. */
const mostPresented = 9;

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
