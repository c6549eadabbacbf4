/** The client's side of a connection, shared by all clients of this room: handshake, second stage, and whether the server let this side in. */
import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { sharedContext } from '../context/context-options.ts';
import { credentialExpiry, type Credential } from '../context/credential.ts';
import { alpnProtocols } from '../context/tls-profile.ts';
import { createPeerVerifier, type PeerVerifier } from '../peer/peer-verifier.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { lookOrWait } from '../peer/look-or-wait.ts';
import { presentedChain } from '../peer/presented-chain.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import { remoteOf } from '../remote.ts';
import { tell } from '../tell.ts';
import { gateReadable } from '../trust/gate.ts';
import { LiveConnection } from '../trust/live-connection.ts';
import { longestLifeOf } from '../trust/longest-life.ts';
import type { ClientOptions, Destination } from './client-options.ts';
import { FirstAnswer, type Heard } from './first-answer.ts';
import { gateHttp2Streams } from './http2-streams.ts';
import { giveUp, shakeHands } from './handshake.ts';
import { knownServer, type KnownServer } from './known-servers.ts';
import { askedForCertificate, warnNeverAsked } from './never-asked.ts';
import { listenOnly } from './probe.ts';
import { keepStaple, stapleOf } from './stapled.ts';
import { refusalHeard, unanswered } from './unanswered.ts';

export interface OpenConnection {
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
  /** Also the gate: to be asked before anything of the other side is handed on elsewhere. */
  readonly live: LiveConnection;
}

export interface Usage {
  /** Whoever asks on it expects an answer, so that an end without one is a failure. */
  readonly expectsAnswer: boolean;
}

type Verified = OpenConnection & { readonly answer: FirstAnswer };

/** One that went through both stages, and that nobody was given yet. */
interface Fresh extends OpenConnection {
  readonly answer: FirstAnswer;
  readonly handshakeMs: number;
}

/** A connection that a firewall forgot is noticed. undici's own default. */
const keepAliveProbeMs = 60_000;

/** One probe a server and credential in this time. Our own choice. */
const probeEveryMs = 10_000;

export class ClientEndpoint {
  readonly options: ClientOptions;
  readonly #verifier: PeerVerifier;
  readonly #longestLifeMs: number;
  /** In a handshake, or before it; with their addresses. */
  readonly #underWay = new Map<TLSSocket, string>();

  constructor(policy: PolicyOrSource, options: ClientOptions) {
    this.options = options;
    this.#longestLifeMs = longestLifeOf(options);
    this.#verifier = createPeerVerifier({ peer: 'server', policy, trust: options.trust, clock: options.clock });
    if (!('credentials' in options) && !options.serverAuthenticationOnly) {
      throw new TypeError('a client has credentials, or says serverAuthenticationOnly: true');
    }
  }

  /** Rejects with a Refusal: of ours, or naming what the other side or the network did. */
  async open(destination: Destination, usage: Usage): Promise<OpenConnection> {
    try {
      const { credential } = this;
      const fresh = await this.#verified(destination, credential);
      return await this.#letIn(fresh, destination, credential, usage);
    } catch (error) {
      // What else fails is a source, or what it gave.
      const refusal = isRefusal(error)
        ? error
        : new Refusal('CS-TLS-007', { reason: 'a source failed' }, { cause: error });
      this.#tellRefusal(refusal, destination);
      throw refusal;
    }
  }

  /** The own credential now; `undefined` where this side is not authenticated. @throws CS-TLS-007 where its source has none */
  get credential(): Credential | undefined {
    return 'credentials' in this.options ? held(this.options.credentials.current()) : undefined;
  }

  /** Ends what is not a connection yet: who asked for it has gone, and the server need not wait for its time limit. */
  giveUpHandshakes(): void {
    for (const [socket, address] of this.#underWay)
      socket.destroy(new Refusal('CS-TLS-006', { address, reason: 'its client was destroyed before' }));
  }

  #verified(destination: Destination, credential: Credential | undefined): Promise<Fresh> {
    const socket = this.#dial(destination, credential);
    const address = addressOf(destination);
    this.#underWay.set(socket, address);
    for (const event of ['secureConnect', 'close']) socket.once(event, () => this.#underWay.delete(socket));
    return shakeHands({
      socket,
      address,
      options: this.options,
      reached: destination.connection !== undefined,
      goLive: (socket, handshakeMs, patience) => {
        const live = this.#goLive(socket, credential, patience);
        if (!(live instanceof Promise)) return { ...live, handshakeMs };
        return live.then((waited) => ({ ...waited, handshakeMs }));
      },
    });
  }

  #dial(destination: Destination, credential: Credential | undefined): TLSSocket {
    const { host, port, servername = host, protocols, connection } = destination;
    const { trust, minVersion = 'TLSv1.3' } = this.options;
    const socket = connectTls({
      ...(connection === undefined ? { host, port } : { socket: connection }),
      // An address is no server name (RFC 6066, 3).
      servername: isIP(servername) === 0 ? servername : '',
      secureContext: sharedContext({ credential, bundles: trust.bundles.current(), minVersion }),
      ALPNProtocols: [...(protocols ?? alpnProtocols)],
      rejectUnauthorized: true,
      // Node's own check knows no URI names and runs on text; the second stage takes its place.
      checkServerIdentity: () => undefined,
      enableTrace: false,
      // Always: a certificate may promise one (RFC 7633, 4.2.3.1).
      requestOCSP: true,
    });
    keepStaple(socket);
    return socket.setNoDelay(true).setKeepAlive(true, keepAliveProbeMs);
  }

  #goLive(
    socket: TLSSocket,
    credential: Credential | undefined,
    patience: () => AbortSignal,
  ): Verified | Promise<Verified> {
    const remote = remoteOf(socket);
    if (!socket.authorized)
      throw new Refusal('CS-PEER-006', { subject: 'not read', reason: String(socket.authorizationError) });
    if (socket.isSessionReused()) throw new Refusal('CS-TLS-005', { address: remote.address });
    const peer = this.#peerAt(socket, remote.address, patience);
    if (peer instanceof Promise) return this.#goLiveLater(socket, credential, peer);
    const live = this.#liveOn(socket, credential, peer);
    gateReadable(socket, live);
    if (socket.alpnProtocol === 'h2') gateHttp2Streams(socket, live);
    return { socket, peer, live, answer: new FirstAnswer(socket) };
  }

  /** What the server says meanwhile is kept, and handed to nobody. */
  #goLiveLater(socket: TLSSocket, credential: Credential | undefined, peer: Promise<VerifiedPeer>): Promise<Verified> {
    let live: LiveConnection | undefined;
    gateReadable(socket, { passes: () => live?.passes() !== false });
    const answer = new FirstAnswer(socket);
    return peer.then((waited) => {
      requireOpen(socket);
      live = this.#liveOn(socket, credential, waited);
      if (socket.alpnProtocol === 'h2') gateHttp2Streams(socket, live);
      return { socket, peer: waited, live, answer };
    });
  }

  #liveOn(socket: TLSSocket, credential: Credential | undefined, peer: VerifiedPeer): LiveConnection {
    const { trust, onClosed } = this.options;
    const remote = remoteOf(socket);
    const live = new LiveConnection({
      peer,
      trust,
      verifier: this.#verifier,
      longestLifeMs: this.#longestLifeMs,
      ...(credential === undefined ? {} : { ownExpiry: credentialExpiry(credential) }),
      close: (refusal) => {
        socket.destroy(refusal);
        tell(onClosed, refusal, remote);
      },
    });
    socket.once('close', () => live.end());
    return live;
  }

  /** By itself, so that what lives as long as the connection does not keep the certificates as they were presented. */
  #peerAt(socket: TLSSocket, address: string, patience: () => AbortSignal): VerifiedPeer | Promise<VerifiedPeer> {
    const chain = presentedChain(socket);
    if (chain === undefined) throw new Refusal('CS-PEER-001', { address });
    const staple = stapleOf(socket);
    return lookOrWait({
      trust: this.options.trust,
      patience,
      look: (mayWait) => {
        requireOpen(socket);
        return this.#verifier.verifyPresented(chain.leaf, () => chain.others(), { staple, mayWait });
      },
    });
  }

  /** The first connection to each server reads before anybody writes, for at most two handshake round trips. */
  async #letIn(
    fresh: Fresh,
    destination: Destination,
    credential: Credential | undefined,
    usage: Usage,
  ): Promise<OpenConnection> {
    const { socket, answer, peer, live } = fresh;
    const known = knownServer(credential, serverOf(destination));
    if (credential !== undefined && !known.greeted) {
      const heard = await this.#greet(fresh, destination);
      const refusal = refusalHeard(heard, addressOf(destination));
      if (refusal !== undefined) {
        giveUp(socket);
        throw refusal;
      }
      known.greeted = true;
    }
    answer.handOver({
      ...usage,
      explain: (ending) => this.#explain(ending, { destination, credential, usage, known }),
    });
    return { socket, peer, live };
  }

  async #greet({ socket, answer, handshakeMs }: Fresh, destination: Destination): Promise<Heard> {
    if (!askedForCertificate(socket)) {
      warnNeverAsked(socket, serverOf(destination), this.options);
      return { what: 'silence' };
    }
    // On TLS 1.2 the server's Finished comes after it has verified (RFC 5246, 7.3): there is nothing left to wait for.
    if (socket.getProtocol() !== 'TLSv1.3') return { what: 'silence' };
    return answer.next(2 * handshakeMs, this.options.clock);
  }

  async #explain(ending: Heard, asked: Unanswered): Promise<Refusal | undefined> {
    const { destination, usage, known } = asked;
    const address = addressOf(destination);
    const refusal =
      refusalHeard(ending, address, 'unless an end') ??
      unanswered({ ending, probed: await this.#probe(asked), address, usage });
    if (refusal === undefined) return undefined;
    known.greeted = false;
    this.#tellRefusal(refusal, destination);
    return refusal;
  }

  #probe({ destination: { connection: _used, ...destination }, credential, known }: Unanswered): Promise<Heard> {
    const { clock } = this.options;
    const at = clock.monotonic();
    if (known.probe === undefined || at - known.probe.at >= probeEveryMs) {
      known.probe = { at, heard: listenOnly(() => this.#verified(destination, credential), clock) };
    }
    return known.probe.heard;
  }

  #tellRefusal(refusal: Refusal, { host, port }: Destination): void {
    tell(this.options.onRefusal, refusal, { address: host, port });
  }
}

/** One that is gone would stay in the index for ever. */
function requireOpen(socket: TLSSocket): void {
  const { address } = remoteOf(socket);
  if (socket.destroyed) throw new Refusal('CS-TLS-017', { address, reason: 'while its status was asked for' });
}

/** To come without a certificate has to be spelled out: a source that yields nothing must not bring it about. */
function held(credential: Credential | undefined): Credential {
  if (credential === undefined) throw new Refusal('CS-TLS-007', { reason: 'there is no credential' });
  return credential;
}

interface Unanswered {
  readonly destination: Destination;
  readonly credential: Credential | undefined;
  readonly usage: Usage;
  readonly known: KnownServer;
}

function addressOf({ host, port }: Destination): string {
  return `${host}:${port}`;
}

function serverOf({ host, port, servername = host }: Destination): string {
  return servername === host ? addressOf({ host, port }) : `${servername} at ${host}:${port}`;
}
