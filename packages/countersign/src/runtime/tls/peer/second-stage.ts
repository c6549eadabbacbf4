/** The second stage on a server: what stands between OpenSSL's handshake and the first byte that is handed on. */
import type { TLSSocket } from 'node:tls';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { certificateRefusal } from '../refusals/handshake-refusal.ts';
import { LiveConnection } from '../trust/live-connection.ts';
import { lookOrWait } from './look-or-wait.ts';
import type { PeerVerifier } from './peer-verifier.ts';
import { type PresentedChain, presentedChain } from './presented-chain.ts';
import type { VerifiedPeer } from './verified-peer.ts';
import type { PeerOutcome } from '../server/request-peers.ts';
import type { Trust } from '../trust/trust.ts';

export interface SecondStage {
  readonly verifier: PeerVerifier;
  readonly trust: Trust;
  readonly address: string;
  /** When the own credential runs out, in milliseconds since 1970. */
  readonly ownExpiry: number;
  /** Infinite where nobody asked for an end. */
  readonly longestLifeMs: number;
  readonly onClosed: (refusal: Refusal, peer?: VerifiedPeer) => void;
  /** Asked for where the peer's status is waited for: it ends the waiting. */
  readonly patience: () => AbortSignal;
}

export type Admission = PeerOutcome & { readonly live?: LiveConnection };

/**
 * `undefined` where no certificate was presented. The identity is read here, once, and never again from the socket. A promise, which never rejects, where
 * the peer's status has to be fetched first; nothing is read of the socket until then.
 */
export function admit(socket: TLSSocket, stage: SecondStage): Admission | Promise<Admission> | undefined {
  // Resumption is off; were it ever to happen, nothing was presented in this session.
  if (socket.isSessionReused()) return { refusal: new Refusal('CS-TLS-005', { address: stage.address }) };
  const chain = presentedChain(socket);
  if (chain === undefined) return undefined;
  try {
    requireFirstStage(socket);
    const looked = lookOrWait({ trust: stage.trust, patience: stage.patience, look: looking(socket, chain, stage) });
    if (!(looked instanceof Promise)) return { peer: looked, live: goLive(socket, looked, stage) };
    return looked.then((peer) => admitWaited(socket, peer, stage)).catch(refused);
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): Admission {
  return { refusal: isRefusal(error) ? error : uncheckable(error) };
}

function looking(socket: TLSSocket, chain: PresentedChain, stage: SecondStage): (mayWait: boolean) => VerifiedPeer {
  return (mayWait) => {
    requireStill(socket, stage);
    return stage.verifier.verifyPresented(chain.leaf, () => chain.others(), { mayWait });
  };
}

function admitWaited(socket: TLSSocket, peer: VerifiedPeer, stage: SecondStage): Admission {
  // Between its turn and this.
  requireStill(socket, stage);
  return { peer, live: goLive(socket, peer, stage) };
}

/** One that is gone would stay in the index for ever. */
function requireStill(socket: TLSSocket, { address }: SecondStage): void {
  if (socket.destroyed) throw new Refusal('CS-TLS-017', { address, reason: 'while its status was asked for' });
}

/** Where Node lets an unauthorized socket pass (optional certificates), its verdict must be asked for. */
function requireFirstStage(socket: TLSSocket): void {
  if (socket.authorized) return;
  // Declared as Error, but a string on servers.
  const code = String(socket.authorizationError);
  throw certificateRefusal(code, 'not read') ?? new Refusal('CS-PEER-006', { subject: 'not read', reason: code });
}

/** Without the certificates as they were presented: its functions live as long as the connection, and what one of them sees all of them keep. */
function goLive(socket: TLSSocket, peer: VerifiedPeer, stage: SecondStage): LiveConnection {
  const { verifier, trust, ownExpiry, longestLifeMs, onClosed } = stage;
  const live = new LiveConnection({
    peer,
    trust,
    verifier,
    ownExpiry,
    longestLifeMs,
    close: (refusal) => {
      socket.destroy();
      onClosed(refusal, peer);
    },
  });
  socket.once('close', () => live.end());
  return live;
}

/** A failure of the check itself lets nobody in; nor does it end the process, since a peer's certificate may have caused it. */
function uncheckable(cause: unknown): Refusal {
  return new Refusal('CS-PEER-006', { subject: 'not read', reason: 'could not be verified' }, { cause });
}
