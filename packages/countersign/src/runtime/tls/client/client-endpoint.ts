/** The client's side of a handshake and its second stage, shared by `connect`, the dispatcher and the agent. */
import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { ClientOptions, Destination } from './client-options.ts';
import { sharedContext } from '../context/context-options.ts';
import type { Credential } from '../context/credential.ts';
import { codeOf, handshakeRefusal } from '../refusals/handshake-refusal.ts';
import type { Gate } from '../trust/gate.ts';
import { LiveConnection } from '../trust/live-connection.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { createPeerVerifier, type PeerVerifier } from '../peer/peer-verifier.ts';
import { presentedChain } from '../peer/presented-chain.ts';
import { remoteOf } from '../remote.ts';
import { tell } from '../tell.ts';
import { alpnProtocols } from '../context/tls-profile.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';

export interface OpenConnection {
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
  /** Ask it before anything of the other side is handed on elsewhere. */
  readonly gate: Gate;
  /** Milliseconds since 1970 from which on no new request should begin here. */
  readonly retireAt: number;
}

const defaultTimeoutMs = 10_000;

export class ClientEndpoint {
  readonly options: ClientOptions;
  readonly #verifier: PeerVerifier;

  constructor(policy: PolicyOrSource, options: ClientOptions) {
    this.options = options;
    this.#verifier = createPeerVerifier({ peer: 'server', policy, trust: options.trust, clock: options.clock });
    if (!('credentials' in options) && !options.serverAuthenticationOnly) {
      throw new TypeError('a client has credentials, or says serverAuthenticationOnly: true');
    }
  }

  /** Rejects with a Refusal: of ours, or naming what the other side or the network did. */
  open(destination: Destination): Promise<OpenConnection> {
    return new Promise((resolve, reject) => {
      const address = `${destination.host}:${destination.port}`;
      const refuse = (refusal: Refusal): void => {
        tell(this.options.onRefusal, refusal, { address: destination.host, port: destination.port });
        reject(refusal);
      };
      let socket: TLSSocket;
      try {
        socket = this.#dial(destination);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refuse(error);
        return;
      }
      const opening = new Opening(socket, address, this.options, (opened) => this.#goLive(opened));
      opening.settle(resolve, refuse, destination.connection !== undefined);
    });
  }

  /** The own credential now; `undefined` where this side is not authenticated. */
  get credential(): Credential | undefined {
    return 'credentials' in this.options ? this.options.credentials.current() : undefined;
  }

  #dial({ host, port, servername = host, protocols = alpnProtocols, connection }: Destination): TLSSocket {
    const { trust, minVersion = 'TLSv1.3' } = this.options;
    return connectTls({
      ...(connection === undefined ? { host, port } : { socket: connection }),
      // An address is no server name (RFC 6066, 3).
      servername: isIP(servername) === 0 ? servername : '',
      secureContext: sharedContext({ credential: this.credential, bundles: trust.bundles.current(), minVersion }),
      ALPNProtocols: [...protocols],
      rejectUnauthorized: true,
      // Node's own check knows no URI names and runs on text; the second stage takes its place.
      checkServerIdentity: () => undefined,
      enableTrace: false,
    });
  }

  #goLive(socket: TLSSocket): OpenConnection {
    const { trust, onClosed } = this.options;
    const remote = remoteOf(socket);
    if (!socket.authorized)
      throw new Refusal('CS-PEER-006', { subject: 'not read', reason: String(socket.authorizationError) });
    if (socket.isSessionReused()) throw new Refusal('CS-TLS-005', { address: remote.address });
    const chain = presentedChain(socket);
    if (chain === undefined) throw new Refusal('CS-PEER-001', { address: remote.address });
    let others: readonly Uint8Array[] = [];
    const peer = this.#verifier.verifyPresented(chain.leaf, () => (others = chain.others()));
    const { leaf } = chain;
    const live = new LiveConnection({
      peer,
      trust,
      verifier: this.#verifier,
      recheck: () => this.#verifier.verifyPresented(leaf, () => others),
      close: (refusal) => {
        socket.destroy(refusal);
        tell(onClosed, refusal, remote);
      },
    });
    socket.once('close', () => live.end());
    return { socket, peer, gate: live, retireAt: live.retireAt };
  }
}

/** One attempt: TCP, handshake, second stage, each with its own name for its failure. */
class Opening {
  readonly #socket: TLSSocket;
  readonly #address: string;
  readonly #options: ClientOptions;
  readonly #goLive: (socket: TLSSocket) => OpenConnection;
  #reached = false;

  constructor(
    socket: TLSSocket,
    address: string,
    options: ClientOptions,
    goLive: (socket: TLSSocket) => OpenConnection,
  ) {
    this.#socket = socket;
    this.#address = address;
    this.#options = options;
    this.#goLive = goLive;
  }

  settle(resolve: (opened: OpenConnection) => void, reject: (refusal: Refusal) => void, reached: boolean): void {
    const socket = this.#socket;
    this.#reached = reached;
    const timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs;
    const timer = this.#options.clock.after(timeoutMs, () => socket.destroy(this.#tooLate(timeoutMs)));
    const onError = (error: unknown): void => {
      timer.cancel();
      reject(isRefusal(error) ? error : this.#failure(error));
    };
    socket.once('connect', () => (this.#reached = true));
    socket.once('error', onError);
    socket.once('secureConnect', () => {
      timer.cancel();
      socket.off('error', onError);
      try {
        resolve(this.#goLive(socket));
      } catch (error) {
        // Whatever comes of the destroyed socket afterwards is of no interest.
        socket.on('error', () => undefined);
        socket.destroy();
        const reason = 'could not be verified';
        reject(
          isRefusal(error) ? error : new Refusal('CS-PEER-006', { subject: 'not read', reason }, { cause: error }),
        );
      }
    });
  }

  #tooLate(timeoutMs: number): Refusal {
    return this.#reached
      ? new Refusal('CS-TLS-002', { address: this.#address, timeoutMs })
      : new Refusal('CS-TLS-006', { address: this.#address, reason: `no connection within ${timeoutMs} ms` });
  }

  #failure(error: unknown): Refusal {
    const { minVersion = 'TLSv1.3' } = this.#options;
    if (this.#reached) return handshakeRefusal({ error, address: this.#address, minVersion });
    return new Refusal('CS-TLS-006', { address: this.#address, reason: codeOf(error) }, { cause: error });
  }
}
