/** The second stage before any server of node:tls, node:https or node:http2: a connection is handed on when it is admitted, and only then. */
import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { buildContext, contextOptions } from '../context/context-options.ts';
import { type Credential, credentialExpiry } from '../context/credential.ts';
import { defaultCredentials } from '../context/named-credentials.ts';
import { createPeerVerifier, type PeerVerifier } from '../peer/peer-verifier.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { admit, type Admission, type SecondStage } from '../peer/second-stage.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import { certificateRefusal, codeOf, type HandshakeFailure, handshakeRefusal } from '../refusals/handshake-refusal.ts';
import { type AnswerForm, answerRefusal } from '../refusals/refusal-answer.ts';
import { rememberRemote, remoteOf, underlying, type Remote } from '../remote.ts';
import { tell } from '../tell.ts';
import { GuestConnection } from '../trust/guest-connection.ts';
import type { LiveConnection } from '../trust/live-connection.ts';
import { longestLifeOf } from '../trust/longest-life.ts';
import { takenFor, watchNamedCredentials } from './choose-context.ts';
import { Crowd, type TurnedOut } from './crowd.ts';
import { defaultCrowd } from './default-crowd.ts';
import { Openings } from './openings.ts';
import { releaseOffer } from './release-offer.ts';
import { listenersOf, type TellClosed, type TellRefusal } from './refusal-log.ts';
import { optionalPeerOf, rememberOutcome } from './request-peers.ts';
import { minVersionOf, type ServerOptions } from './server-options.ts';
import { slowReader, SlowReaders, slowReadersOf } from './slow-readers.ts';
import { presentStaples } from './staples.ts';
import { clientCertificateIsOptional, contextInput, handshakeTimeoutOf } from './tls-server-options.ts';

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
  /** Calls `listener` once, at `retireAt`, while the connection lives; the function that is returned ends that. */
  readonly onRetire: (listener: () => void) => () => void;
  readonly remote: Remote;
}

export interface Interposed {
  /** Open TCP connections, those in a handshake included. */
  readonly sockets: ReadonlySet<Socket>;
  /** Ends the watching of sources. */
  readonly release: () => void;
  /** Ends the connections of those whose status is still asked for: for a server that closes. */
  readonly stopWaiting: () => void;
}

export type HandOn = (socket: TLSSocket, admitted: Admitted) => void;

/** What becomes of connections. */
export interface Handing {
  readonly handOn: HandOn;
  /** How it is said to those who are not admitted. Default `http`. */
  readonly form?: AnswerForm | undefined;
}

/**
 * @param policy who may be the client
 * @param server made with `tlsServerOptions`, not listening yet, without listeners of `secureConnection` (see `takeHandOn`)
 * @param handOn gets admitted connections alone; `peerOf(socket)` answers for them by then
 * @param form how it is said to the others, default `http`
 */
export function interpose(
  policy: PolicyOrSource,
  server: Server,
  options: ServerOptions,
  handOn: HandOn,
  form?: AnswerForm,
): Interposed {
  if (server.listenerCount('secureConnection') > 0)
    throw new TypeError('nobody else may hear of the connections of a server that is interposed');
  const interposition = new Interposition(policy, server, options, { handOn, form });
  server.on('secureConnection', (socket: TLSSocket) => interposition.decide(socket));
  return interposition;
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

/** For who calls `decide` for each `secureConnection` himself. */
export class Interposition implements Interposed {
  readonly sockets: Set<Socket> = new Set();
  readonly release: () => void;
  readonly #server: Server;
  readonly #options: ServerOptions;
  /** What is presented to whoever asks for no other name: the last that TLS took. */
  #own: Credential;
  readonly #handOn: HandOn;
  readonly #verifier: PeerVerifier;
  readonly #optional: boolean;
  readonly #longestLifeMs: number;
  readonly #crowd: Crowd;
  readonly #openings: Openings;
  readonly #slowReaders: SlowReaders;
  /** By the TCP socket below. */
  readonly #handedOn = new WeakMap<Socket, TLSSocket>();
  readonly #form: AnswerForm;
  readonly #onRefusal: TellRefusal;
  readonly #onClosed: TellClosed;
  readonly #turnedOut = new WeakSet<Socket>();
  /** Those whose status is asked for, by the TCP socket below. */
  readonly #waiting: Map<Socket, Waiting> = new Map();

  constructor(policy: PolicyOrSource, server: Server, options: ServerOptions, { handOn, form = 'http' }: Handing) {
    const { trust, clock, credentials, crowd = defaultCrowd() } = options;
    ({ onRefusal: this.#onRefusal, onClosed: this.#onClosed } = listenersOf(options));
    this.#form = form;
    this.#server = server;
    this.#options = options;
    this.#own = defaultCredentials(credentials).current();
    this.#handOn = handOn;
    this.#optional = clientCertificateIsOptional(options);
    this.#longestLifeMs = longestLifeOf(options);
    this.#verifier = createPeerVerifier({ peer: 'client', policy, trust, clock });
    this.#crowd = new Crowd(crowd, clock);
    // Beyond it not even a socket is made of a connection: room for those that are on their way out.
    server.maxConnections = Math.min(crowd.most + 16, limitOf(server));
    this.#openings = new Openings(server, {
      clock,
      timeoutMs: handshakeTimeoutOf(options),
      onLate: (socket) => this.#endLate(socket),
      onEnded: (socket) => this.#endUnheard(socket),
    });
    this.#slowReaders = new SlowReaders(this.sockets, {
      clock,
      limits: slowReadersOf(options),
      onSlow: (socket) => this.#endSlow(socket),
    });
    presentStaples(server, options);
    server.on('connection', (socket: Socket) => this.#track(socket));
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => this.#onHandshakeError(error, socket));
    const endings = [
      defaultCredentials(credentials).watch(() => this.#swap()),
      trust.bundles.watch(() => this.#swap()),
      ...watchNamedCredentials(options),
    ];
    this.release = () => {
      for (const end of endings) end();
    };
  }

  #track(socket: Socket): void {
    this.sockets.add(socket);
    rememberRemote(socket);
    socket.once('close', () => this.sockets.delete(socket));
    const turnedOut = this.#crowd.arrive(socket);
    if (turnedOut !== undefined) this.#turnOut(turnedOut);
    this.#openings.await(socket);
    this.#slowReaders.watch();
  }

  #turnOut({ socket, code }: TurnedOut): void {
    const remote = remoteOf(socket);
    this.#end(socket);
    tell(this.#onRefusal, new Refusal(code, { address: remote.address }), remote);
  }

  readonly stopWaiting = (): void => {
    for (const { socket } of [...this.#waiting.values()]) socket.destroy();
  };

  #endLate(socket: Socket): void {
    const waiting = this.#waiting.get(socket);
    if (waiting !== undefined) {
      // Its handshake is over: it is decided by what is known, and told so.
      waiting.patience.abort();
      return;
    }
    const remote = remoteOf(socket);
    this.#end(socket);
    const timeoutMs = handshakeTimeoutOf(this.#options);
    this.#refused(socket, new Refusal('CS-TLS-002', { address: remote.address, timeoutMs }), remote);
  }

  #endUnheard(socket: Socket): void {
    const remote = remoteOf(socket);
    this.#end(socket);
    this.#refused(socket, new Refusal('CS-TLS-017', { address: remote.address, reason: 'nothing was sent' }), remote);
  }

  /** Its handshake then ends with a reset, which is not told a second time. */
  #end(socket: Socket): void {
    this.#turnedOut.add(socket);
    this.#waiting.get(socket)?.socket.destroy();
    socket.destroy();
  }

  /** What the server has a listener of `secureConnection` for. */
  decide(socket: TLSSocket): void {
    const given = this.#orEnded(socket, () => this.#given(socket));
    if (given === undefined) return;
    if (given.admission instanceof Promise) this.#wait(socket, given, given.admission);
    else this.#conclude(socket, given, given.admission);
  }

  /** It counts as in a handshake, by its time as well; of what it sends nothing is read until it is decided. */
  #wait(socket: TLSSocket, given: Given, admission: Promise<Admission>): void {
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    void admission.then((decided) => {
      this.#waiting.delete(underlying(socket) ?? socket);
      socket.off('error', onError);
      this.#conclude(socket, given, decided);
    });
  }

  #conclude(socket: TLSSocket, given: Given, admission: Admission | undefined): void {
    const tcp = underlying(socket) ?? socket;
    this.#openings.succeeded(tcp);
    releaseOffer(socket);
    const admitted = this.#orEnded(socket, () => this.#admitted(socket, given, admission));
    if (admitted === undefined) return;
    this.#handedOn.set(tcp, socket);
    this.#handOn(socket, admitted);
  }

  #patienceFor(socket: TLSSocket): AbortSignal {
    const patience = new AbortController();
    const tcp = underlying(socket) ?? socket;
    this.#waiting.set(tcp, { socket, patience });
    socket.once('close', () => patience.abort());
    return patience.signal;
  }

  /** Who is in a handshake, or being refused, has a time of its own. */
  #endSlow(tcp: Socket): void {
    const socket = this.#handedOn.get(tcp);
    if (socket === undefined) return;
    const remote = remoteOf(tcp);
    // What the kernel took already is megabytes, which it would keep for who does not read them.
    tcp.resetAndDestroy();
    socket.destroy();
    const outcome = optionalPeerOf(socket);
    const peer = outcome !== undefined && 'peer' in outcome ? outcome.peer : undefined;
    tell(this.#onClosed, slowReader('the connection', outcome, slowReadersOf(this.#options)), remote, peer);
  }

  /** A source that throws lets nobody in, and ends no process. */
  #orEnded<T>(socket: TLSSocket, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#waiting.delete(underlying(socket) ?? socket);
      this.#openings.succeeded(underlying(socket) ?? socket);
      const refusal = isRefusal(error)
        ? error
        : new Refusal('CS-TLS-007', { reason: 'a source failed' }, { cause: error });
      this.#refused(socket, refusal, remoteOf(socket));
      socket.destroy();
      return undefined;
    }
  }

  #given(socket: TLSSocket): Given {
    const remote = remoteOf(socket);
    const { trust } = this.#options;
    const ownExpiry = credentialExpiry(
      takenFor(this.#options, socket.servername || undefined)?.credential ?? this.#own,
    );
    const stage = {
      verifier: this.#verifier,
      trust,
      address: remote.address,
      ownExpiry,
      longestLifeMs: this.#longestLifeMs,
      onClosed: (refusal: Refusal, peer?: VerifiedPeer) => tell(this.#onClosed, refusal, remote, peer),
      patience: () => this.#patienceFor(socket),
    };
    return { remote, stage, admission: this.#admission(socket, stage) };
  }

  /** `undefined` where the peer was refused, and is being answered. */
  #admitted(socket: TLSSocket, { remote, stage }: Given, admission: Admission | undefined): Admitted | undefined {
    const { clock, onAdmitted } = this.#options;
    if (socket.destroyed && this.#turnedOut.has(underlying(socket) ?? socket)) return undefined;
    const refusal = admission !== undefined && 'refusal' in admission ? admission.refusal : undefined;
    if (refusal === undefined) tell(onAdmitted, remote, admission?.live?.peer);
    else this.#refused(socket, refusal, remote);
    if (socket.destroyed) return undefined;
    if (refusal !== undefined && !this.#optional) {
      answerRefusal(socket, { refusal, clock, form: this.#form, telling: this.#options });
      return undefined;
    }
    const live = admission?.live;
    if (admission !== undefined) rememberOutcome(socket, admission, live);
    if (live !== undefined) this.#crowd.verified(underlying(socket) ?? socket);
    const lasting = live ?? guestOn(socket, stage);
    return {
      peer: live?.peer,
      refusal,
      live,
      retireAt: lasting.retireAt,
      onRetire: (listener) => lasting.onRetire(listener),
      remote,
    };
  }

  #admission(socket: TLSSocket, stage: SecondStage): Admission | Promise<Admission> | undefined {
    const admission = admit(socket, stage);
    if (admission !== undefined || this.#optional) return admission;
    return { refusal: new Refusal('CS-PEER-001', { address: stage.address }) };
  }

  #refused(socket: Socket, refusal: Refusal, remote: Remote): void {
    this.#crowd.failed(underlying(socket) ?? socket, remote.address);
    tell(this.#onRefusal, refusal, remote);
  }

  #onHandshakeError(error: Error, socket: TLSSocket): void {
    if (this.#turnedOut.has(underlying(socket) ?? socket)) return;
    const remote = remoteOf(socket);
    const came = this.#openings.failed(underlying(socket) ?? socket);
    const refusal = this.#handshakeRefusal({ error, came, address: remote.address }, socket);
    this.#refused(socket, refusal, remote);
    socket.destroy();
  }

  #handshakeRefusal({ error, address, came }: Omit<HandshakeFailure, 'minVersion'>, socket: TLSSocket): Refusal {
    // Declared as Error, but a string on servers.
    const verdict: unknown = socket.authorizationError;
    if (typeof verdict === 'string')
      return (
        certificateRefusal(verdict, 'not read') ?? new Refusal('CS-PEER-006', { subject: 'not read', reason: verdict })
      );
    if (codeOf(error) === 'ERR_TLS_HANDSHAKE_TIMEOUT')
      return new Refusal('CS-TLS-002', { address, timeoutMs: handshakeTimeoutOf(this.#options) });
    return handshakeRefusal({ error, address, minVersion: minVersionOf(this.#options), came });
  }

  #swap(): void {
    const input = contextInput(this.#options);
    // Built once to see that it is taken: setSecureContext keeps part of what it was given even where it throws.
    buildContext(input);
    this.#server.setSecureContext(contextOptions(input));
    this.#own = input.credential;
  }
}

/** What came of the handshake. */
interface Given {
  readonly remote: Remote;
  readonly stage: SecondStage;
  readonly admission: Admission | Promise<Admission> | undefined;
}

interface Waiting {
  readonly socket: TLSSocket;
  readonly patience: AbortController;
}

function guestOn(socket: TLSSocket, { trust, ownExpiry, longestLifeMs, onClosed }: SecondStage): GuestConnection {
  const close = (refusal: Refusal): void => {
    socket.destroy();
    onClosed(refusal);
  };
  const guest = new GuestConnection({ trust, ownExpiry, longestLifeMs, close });
  socket.once('close', () => guest.end());
  return guest;
}

/** What the server's owner set already. */
function limitOf({ maxConnections }: Server): number {
  return typeof maxConnections === 'number' ? maxConnections : Number.POSITIVE_INFINITY;
}
