/** The second stage before any server of node:tls, node:https or node:http2: a connection is handed on when it is admitted, and only then. */
import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { Refusal } from '../../../ground/errors/index.ts';
import { buildContext, contextOptions } from '../context/context-options.ts';
import { credentialExpiry, type CredentialSource } from '../context/credential.ts';
import { defaultCredentials } from '../context/named-credentials.ts';
import { createPeerVerifier, type PeerVerifier } from '../peer/peer-verifier.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { admit, type Admission, type SecondStage } from '../peer/second-stage.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import { certificateRefusal, handshakeRefusal } from '../refusals/handshake-refusal.ts';
import { answerRefusal } from '../refusals/refusal-answer.ts';
import { rememberRemote, remoteOf, underlying, type Remote } from '../remote.ts';
import { tell } from '../tell.ts';
import { retirementOf, type LiveConnection } from '../trust/live-connection.ts';
import { longestLifeOf } from '../trust/longest-life.ts';
import { Crowd } from './crowd.ts';
import { rememberOutcome } from './request-peers.ts';
import type { ServerOptions } from './server-options.ts';
import { clientCertificateIsOptional, contextInput, minVersionOf } from './tls-server-options.ts';

/** What came of the second stage for a connection that is handed on. */
export interface Admitted {
  /** `undefined` where certificates are optional and none was presented, or the one that was does not count. */
  readonly peer: VerifiedPeer | undefined;
  /** Why the certificate that was presented does not count, where they are optional. */
  readonly refusal: Refusal | undefined;
  /** With `peer`. */
  readonly live: LiveConnection | undefined;
  /** Milliseconds since 1970 from which on no new request should begin here: for the peer's certificate or the own one. */
  readonly retireAt: number;
  readonly remote: Remote;
}

export interface Interposed {
  /** Open TCP connections, those in a handshake included. */
  readonly sockets: ReadonlySet<Socket>;
  /** Ends the watching of sources. */
  readonly release: () => void;
}

export type HandOn = (socket: TLSSocket, admitted: Admitted) => void;

/**
 * @param policy who may be the client
 * @param server made with `tlsServerOptions`, not listening yet, without listeners of `secureConnection` (see `takeHandOn`)
 * @param handOn gets admitted connections alone; `peerOf(socket)` answers for them by then
 */
export function interpose(policy: PolicyOrSource, server: Server, options: ServerOptions, handOn: HandOn): Interposed {
  if (server.listenerCount('secureConnection') > 0)
    throw new TypeError('nobody else may hear of the connections of a server that is interposed');
  return new Interposition(policy, server, options, handOn);
}

/**
 * Takes away the one listener by which a server of node:https or node:http2 gets its connections, and returns it as a function.
 * @throws TypeError where there is another number of them: Node is not built as this room knows it
 */
export function takeHandOn(server: Server): (socket: TLSSocket) => void {
  const listeners = server.listeners('secureConnection');
  const [listener] = listeners;
  if (listener === undefined || listeners.length !== 1)
    throw new TypeError('the server of Node is not built as this room knows it');
  server.removeAllListeners('secureConnection');
  return (socket) => void Reflect.apply(listener, server, [socket]);
}

class Interposition implements Interposed {
  readonly sockets: Set<Socket> = new Set();
  readonly release: () => void;
  readonly #server: Server;
  readonly #options: ServerOptions;
  readonly #handOn: HandOn;
  readonly #credentials: CredentialSource;
  readonly #verifier: PeerVerifier;
  readonly #optional: boolean;
  readonly #longestLifeMs: number;
  readonly #crowd: Crowd | undefined;
  readonly #turnedOut = new WeakSet<Socket>();

  constructor(policy: PolicyOrSource, server: Server, options: ServerOptions, handOn: HandOn) {
    const { trust, clock, credentials, crowd } = options;
    this.#server = server;
    this.#options = options;
    this.#handOn = handOn;
    this.#credentials = defaultCredentials(credentials);
    this.#optional = clientCertificateIsOptional(options);
    this.#longestLifeMs = longestLifeOf(options);
    this.#verifier = createPeerVerifier({ peer: 'client', policy, trust, clock });
    this.#crowd = crowd === undefined ? undefined : new Crowd(crowd);
    // Beyond it not even a socket is made of a connection: room for those that are on their way out.
    if (crowd !== undefined) server.maxConnections = crowd.most + 16;
    server.on('secureConnection', (socket: TLSSocket) => this.#onSecureConnection(socket));
    server.on('connection', (socket: Socket) => this.#track(socket));
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => this.#onHandshakeError(error, socket));
    const endings = [this.#credentials.watch(() => this.#swap()), trust.bundles.watch(() => this.#swap())];
    this.release = () => {
      for (const end of endings) end();
    };
  }

  #track(socket: Socket): void {
    this.sockets.add(socket);
    rememberRemote(socket);
    socket.once('close', () => this.sockets.delete(socket));
    for (const one of this.#crowd?.arrive(socket) ?? []) this.#turnOut(one);
  }

  /** Its handshake then ends with a reset, which is not told a second time. */
  #turnOut(socket: Socket): void {
    const remote = remoteOf(socket);
    this.#turnedOut.add(socket);
    socket.destroy();
    tell(this.#options.onRefusal, new Refusal('CS-TLS-009', { address: remote.address }), remote);
  }

  #onSecureConnection(socket: TLSSocket): void {
    const admitted = this.#admitted(socket);
    if (admitted !== undefined) this.#handOn(socket, admitted);
  }

  /** `undefined` where the peer was refused, and is being answered. */
  #admitted(socket: TLSSocket): Admitted | undefined {
    const remote = remoteOf(socket);
    const { trust, clock, onAdmitted, onRefusal, onClosed } = this.#options;
    const ownExpiry = credentialExpiry(this.#credentials.current());
    const admission = this.#admission(socket, {
      verifier: this.#verifier,
      trust,
      address: remote.address,
      ownExpiry,
      longestLifeMs: this.#longestLifeMs,
      onClosed: (refusal) => tell(onClosed, refusal, remote),
    });
    const refusal = admission !== undefined && 'refusal' in admission ? admission.refusal : undefined;
    if (refusal !== undefined && !this.#optional) answerRefusal(socket, refusal, clock);
    if (refusal === undefined) tell(onAdmitted, remote);
    else tell(onRefusal, refusal, remote);
    if (refusal !== undefined && !this.#optional) return undefined;
    if (admission !== undefined) rememberOutcome(socket, admission);
    const live = admission?.live;
    if (live !== undefined) this.#crowd?.verified(underlying(socket) ?? socket);
    return {
      peer: live?.peer,
      refusal,
      live,
      retireAt: live?.retireAt ?? retirementOf(ownExpiry, clock.now()),
      remote,
    };
  }

  #admission(socket: TLSSocket, stage: SecondStage): Admission | undefined {
    const admission = admit(socket, stage);
    if (admission !== undefined || this.#optional) return admission;
    return { refusal: new Refusal('CS-PEER-001', { address: stage.address }) };
  }

  #onHandshakeError(error: Error, socket: TLSSocket): void {
    if (this.#turnedOut.has(underlying(socket) ?? socket)) return;
    const remote = remoteOf(socket);
    const minVersion = minVersionOf(this.#options);
    // Declared as Error, but a string on servers.
    const verdict: unknown = socket.authorizationError;
    const refusal =
      typeof verdict === 'string'
        ? (certificateRefusal(verdict, 'not read') ??
          new Refusal('CS-PEER-006', { subject: 'not read', reason: verdict }))
        : handshakeRefusal({ error, address: remote.address, minVersion });
    tell(this.#options.onRefusal, refusal, remote);
    socket.destroy();
  }

  #swap(): void {
    const input = contextInput(this.#options);
    // Built once to see that it is taken: setSecureContext keeps part of what it was given even where it throws.
    buildContext(input);
    this.#server.setSecureContext(contextOptions(input));
  }
}
