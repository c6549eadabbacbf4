/** An HTTPS server that authenticates both sides: policy first, and no request reaches the handler from a peer that was not verified. */
import { createServer as createHttpsServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { PeerPolicy } from '../../../identity/authorization/index.ts';
import { buildContext, contextOptions, usable } from '../context/context-options.ts';
import { Crowd } from './crowd.ts';
import { credentialExpiry } from '../context/credential.ts';
import { certificateRefusal, handshakeRefusal } from '../refusals/handshake-refusal.ts';
import { retirementOf, type LiveConnection } from '../trust/live-connection.ts';
import { mutualTlsServer, type MutualTlsServer } from './mutual-tls-server.ts';
import { createPeerVerifier, type PeerVerifier } from '../peer/peer-verifier.ts';
import { answerRefusal, respondRefusal } from '../refusals/refusal-answer.ts';
import { rememberRemote, remoteOf, underlying } from '../remote.ts';
import { rememberOutcome } from './request-peers.ts';
import { admit, type Admission, type SecondStage } from '../peer/second-stage.ts';
import type { RequestHandler, ServerOptions } from './server-options.ts';
import { tell } from '../tell.ts';
import { alpnProtocols, type MinimumVersion } from '../context/tls-profile.ts';

const defaultHandshakeTimeoutMs = 10_000;

/** Bytes of a request's header. Node's own default, given so that `--max-http-header-size` does not decide it. */
const mostHeaderBytes = 16 * 1024;

/** Slow senders are cut off: Node's headersTimeout is 60 s, ours is shorter as its peers are programs. Our own choice. */
const headersTimeoutMs = 15_000;
const requestTimeoutMs = 300_000;

/** Idle connections stay this long: keep-alive is what saves handshakes. Announced to clients, who give them up a second before. */
const keepAliveTimeoutMs = 60_000;

/** @param policy who may be the client; required, there is no default */
export function createServer(policy: PeerPolicy, options: ServerOptions, handler: RequestHandler): MutualTlsServer {
  return new ServerAssembly(policy, options, handler).running();
}

class ServerAssembly {
  readonly #options: ServerOptions;
  readonly #handler: RequestHandler;
  readonly #verifier: PeerVerifier;
  readonly #minVersion: MinimumVersion;
  readonly #optional: boolean;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #crowd: Crowd | undefined;
  readonly #endings: (() => void)[];
  readonly #turnedOut = new WeakSet<Socket>();
  /** By socket, from when on its requests end with `Connection: close`. */
  readonly #retirements = new WeakMap<Socket, { readonly at: number; readonly live: LiveConnection | undefined }>();

  constructor(policy: PeerPolicy, options: ServerOptions, handler: RequestHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#minVersion = options.minVersion ?? 'TLSv1.3';
    this.#optional = options.clientCertificate === 'optional';
    this.#verifier = createPeerVerifier({ peer: 'client', policy, trust: options.trust, clock: options.clock });
    this.#crowd = options.crowd === undefined ? undefined : new Crowd(options.crowd);
    this.#server = usable(() => this.#createHttpsServer());
    // Beyond it not even a socket is made of a connection: room for those that are on their way out.
    if (options.crowd !== undefined) this.#server.maxConnections = options.crowd.most + 16;
    this.#interpose();
    this.#endings = [options.credentials.watch(() => this.#swap()), options.trust.bundles.watch(() => this.#swap())];
  }

  running(): MutualTlsServer {
    return mutualTlsServer({
      server: this.#server,
      sockets: this.#sockets,
      clock: this.#options.clock,
      release: () => {
        for (const end of this.#endings) end();
      },
    });
  }

  #contextInput(): Parameters<typeof contextOptions>[0] {
    const { credentials, trust } = this.#options;
    return { credential: credentials.current(), bundles: trust.bundles.current(), minVersion: this.#minVersion };
  }

  #createHttpsServer(): Server {
    return createHttpsServer(
      {
        ...contextOptions(this.#contextInput()),
        ALPNProtocols: [...alpnProtocols],
        requestCert: true,
        rejectUnauthorized: !this.#optional,
        handshakeTimeout: this.#options.handshakeTimeoutMs ?? defaultHandshakeTimeoutMs,
        enableTrace: false,
        insecureHTTPParser: false,
        requireHostHeader: true,
        maxHeaderSize: mostHeaderBytes,
        headersTimeout: headersTimeoutMs,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        noDelay: true,
      },
      (request, response) => this.#onRequest(request, response),
    );
  }

  /** Puts the second stage before Node's HTTP server, which hears of a connection only when it is admitted. */
  #interpose(): void {
    const listeners = this.#server.listeners('secureConnection');
    const [handOn] = listeners;
    if (handOn === undefined || listeners.length !== 1)
      throw new TypeError('node:https is not built as this room knows it');
    this.#server.removeAllListeners('secureConnection');
    this.#server.on('secureConnection', (socket: TLSSocket) => {
      if (this.#admits(socket)) Reflect.apply(handOn, this.#server, [socket]);
    });
    this.#server.on('connection', (socket: Socket) => this.#track(socket));
    this.#server.on('tlsClientError', (error: Error, socket: TLSSocket) => this.#onHandshakeError(error, socket));
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    rememberRemote(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    for (const one of this.#crowd?.arrive(socket) ?? []) this.#turnOut(one);
  }

  /** Its handshake then ends with a reset, which is not told a second time. */
  #turnOut(socket: Socket): void {
    const remote = remoteOf(socket);
    this.#turnedOut.add(socket);
    socket.destroy();
    tell(this.#options.onRefusal, new Refusal('CS-TLS-009', { address: remote.address }), remote);
  }

  #admits(socket: TLSSocket): boolean {
    const remote = remoteOf(socket);
    const { trust, clock, onAdmitted, onRefusal, onClosed } = this.#options;
    const admission = this.#admission(socket, {
      verifier: this.#verifier,
      trust,
      address: remote.address,
      onClosed: (refusal) => tell(onClosed, refusal, remote),
    });
    const refusal = admission !== undefined && 'refusal' in admission ? admission.refusal : undefined;
    if (refusal !== undefined && !this.#optional) answerRefusal(socket, refusal, clock);
    if (refusal === undefined) tell(onAdmitted, remote);
    else tell(onRefusal, refusal, remote);
    if (refusal !== undefined && !this.#optional) return false;
    if (admission !== undefined) rememberOutcome(socket, admission);
    if (admission?.live !== undefined) this.#crowd?.verified(underlying(socket) ?? socket);
    this.#retirements.set(socket, { at: this.#retirementFor(admission?.live), live: admission?.live });
    return true;
  }

  #admission(socket: TLSSocket, stage: SecondStage): Admission | undefined {
    const admission = admit(socket, stage);
    if (admission !== undefined || this.#optional) return admission;
    return { refusal: new Refusal('CS-PEER-001', { address: stage.address }) };
  }

  /** The peer's certificate or our own, whichever runs out first: the client closes when ours does. */
  #retirementFor(live: LiveConnection | undefined): number {
    const { clock, credentials } = this.#options;
    const own = retirementOf(credentialExpiry(credentials.current()), clock.now());
    return Math.min(own, live?.retireAt ?? own);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const retirement = this.#retirements.get(request.socket);
    const { trust, clock } = this.#options;
    try {
      if (retirement?.live !== undefined) trust.requireCurrent(retirement.live.peer);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      tell(this.#options.onClosed, error, remoteOf(request.socket));
      respondRefusal(response, error);
      return;
    }
    if (retirement === undefined || clock.now() >= retirement.at) response.shouldKeepAlive = false;
    this.#handler(request, response);
  }

  #onHandshakeError(error: Error, socket: TLSSocket): void {
    if (this.#turnedOut.has(underlying(socket) ?? socket)) return;
    const remote = remoteOf(socket);
    // Declared as Error, but a string on servers.
    const verdict: unknown = socket.authorizationError;
    const refusal =
      typeof verdict === 'string'
        ? (certificateRefusal(verdict, 'not read') ??
          new Refusal('CS-PEER-006', { subject: 'not read', reason: verdict }))
        : handshakeRefusal({ error, address: remote.address, minVersion: this.#minVersion });
    tell(this.#options.onRefusal, refusal, remote);
    socket.destroy();
  }

  #swap(): void {
    // Built once to see that it is taken: setSecureContext keeps part of what it was given even where it throws.
    buildContext(this.#contextInput());
    this.#server.setSecureContext(contextOptions(this.#contextInput()));
  }
}
