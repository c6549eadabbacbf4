/** What one connection of a program under `run` is held to: its handshake's time, the verdict on its server, and what ends it later. */
import type { SecureContext, TLSSocket } from 'node:tls';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import {
  certificateRefusal,
  gateReadable,
  handshakeRefusal,
  LiveConnection,
  lookOrWait,
  type PeerVerifier,
  presentedChain,
  stapleOf,
  type VerifiedPeer,
} from '../../runtime/tls/index.ts';
import type { Kind, Outgoing } from './outgoing.ts';

/** As on the other endpoints; Node has no limit of its own here. */
const defaultTimeoutMs = 10_000;

export class Checks {
  readonly context: SecureContext;
  readonly #identity: Outgoing;
  readonly #verifier: PeerVerifier;
  readonly #kind: Kind;
  readonly #host: string;
  readonly #patience = new AbortController();
  #isWaiting = false;
  #isLive = false;
  #verdict: VerifiedPeer | Refusal;

  constructor(identity: Outgoing, verifier: PeerVerifier, kind: Kind, host: string) {
    this.#identity = identity;
    this.#kind = kind;
    this.#verifier = verifier;
    this.#host = host;
    this.#verdict = new Refusal('CS-PEER-006', { subject: host, reason: 'was not verified' });
    this.context = identity.context();
  }

  /** Why not; `undefined` where the server passed. */
  get refusal(): Refusal | undefined {
    return isRefusal(this.#verdict) ? this.#verdict : undefined;
  }

  /** When the handshake is over. Never rejects; nothing where there is nothing to wait for. */
  decide(socket: TLSSocket): Promise<void> | undefined {
    try {
      const looked = this.#look(socket);
      if (!(looked instanceof Promise)) {
        this.#verdict = looked;
        return undefined;
      }
      this.#isWaiting = true;
      socket.once('close', () => this.#patience.abort());
      return looked.then(
        (peer) => void (this.#verdict = peer),
        (error: unknown) => this.#refuse(error),
      );
    } catch (error) {
      this.#refuse(error);
      return undefined;
    }
  }

  /** From the moment in which the server is reached: how long that may take is the program's affair. */
  limitHandshake(socket: TLSSocket, reached: boolean): void {
    const { clock, timeoutMs = defaultTimeoutMs } = this.#identity;
    const begin = (): void => {
      const tooLate = (): void => {
        // The handshake is over: it is decided by what is known.
        if (this.#isWaiting) this.#patience.abort();
        else socket.destroy(new Refusal('CS-TLS-002', { address: this.#host, timeoutMs }));
      };
      const timer = clock.after(timeoutMs, tooLate);
      for (const end of ['secureConnect', 'close']) socket.once(end, () => timer.cancel());
    };
    if (reached) begin();
    else socket.once('connect', begin);
  }

  /** Whether it goes on; where it does not, the socket is destroyed. */
  goLive(socket: TLSSocket): boolean {
    // Node asks nobody for the identity where a session is resumed.
    const peer = this.#verdict;
    if (isRefusal(peer)) {
      socket.destroy(peer);
      return false;
    }
    const live = new LiveConnection({
      peer,
      trust: this.#identity.trust,
      verifier: this.#verifier,
      close: (refusal) => void socket.destroy(refusal),
    });
    socket.once('close', () => live.end());
    gateReadable(socket, live);
    this.#isLive = true;
    return true;
  }

  /** The error that a connection ends with: what is wrong with the server or its handshake in our words; what the network did stays Node's. */
  named(error: Error | undefined): Error | undefined {
    if (error === undefined || isRefusal(error) || this.#isLive || !isOfHandshake(error)) return error;
    const refusal = handshakeRefusal({ error, address: this.#host, minVersion: 'TLSv1.3' });
    if (refusal.code !== 'CS-PEER-002') return refusal;
    const { trustDomain } = this.#identity;
    const reason = String(Reflect.get(error, 'code'));
    return new Refusal('CS-RUN-007', { server: this.#host, trustDomain, reason }, { cause: error });
  }

  #look(socket: TLSSocket): VerifiedPeer | Promise<VerifiedPeer> {
    if (socket.isSessionReused()) throw new Refusal('CS-TLS-005', { address: this.#host });
    const chain = presentedChain(socket);
    if (chain === undefined) throw new Refusal('CS-PEER-001', { address: this.#host });
    const staple = stapleOf(socket);
    return lookOrWait({
      trust: this.#identity.trust,
      patience: () => this.#patience.signal,
      look: (mayWait) => {
        // One that is gone would be followed for ever.
        if (socket.destroyed)
          throw new Refusal('CS-TLS-017', { address: this.#host, reason: 'while it was waited for' });
        const peer = this.#verifier.verifyPresented(chain.leaf, () => chain.others(), { staple, mayWait });
        this.#requireAddress(peer);
        this.#requireAsked(socket, peer);
        return peer;
      },
    });
  }

  #refuse(error: unknown): void {
    this.#verdict = isRefusal(error)
      ? error
      : new Refusal('CS-PEER-006', { subject: this.#host, reason: 'could not be verified' }, { cause: error });
  }

  #requireAddress(peer: VerifiedPeer): void {
    if (this.#kind !== 'address' || peer.ipAddresses.includes(this.#host)) return;
    throw new Refusal('CS-PEER-007', { peer: peer.name, expected: `the address ${this.#host}` });
  }

  /** Signature algorithms are shared with a server that sent a CertificateRequest (RFC 8446, 4.3.2), and with no other. */
  #requireAsked(socket: TLSSocket, { name }: VerifiedPeer): void {
    if (socket.getSharedSigalgs().length === 0) throw new Refusal('CS-RUN-010', { server: this.#host, peer: name });
  }
}

/** OpenSSL's errors, and its verdicts on certificates, which alone are named without a beginning of Node's. */
function isOfHandshake(error: Error): boolean {
  const code: unknown = Reflect.get(error, 'code');
  return (
    typeof code === 'string' && (code.startsWith('ERR_SSL_') || certificateRefusal(code, 'not read') !== undefined)
  );
}
