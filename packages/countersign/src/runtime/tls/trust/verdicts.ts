/** What came of the peers that were looked at, each once for all of its connections: a peer may have thousands of them. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { RestingConnection } from './resting-connection.ts';

export class Verdicts {
  /** Of this epoch. */
  #verdicts = new WeakMap<VerifiedPeer, VerifiedPeer | Refusal>();
  /** For the end of this lease. */
  #leaseRefusals = new WeakMap<VerifiedPeer, Refusal>();

  beginEpoch(): void {
    this.#verdicts = new WeakMap();
  }

  beginLease(): void {
    this.#leaseRefusals = new WeakMap();
  }

  /** The peer under what is trusted now, or why it passes no more. */
  on(connection: RestingConnection): VerifiedPeer | Refusal {
    return remembered(this.#verdicts, connection.peer, () => verdictOn(connection));
  }

  /** What it was let go on for in this epoch holds no more; why it was refused does. */
  forgetPassed(peer: VerifiedPeer): void {
    if (!(this.#verdicts.get(peer) instanceof Refusal)) this.#verdicts.delete(peer);
  }

  leaseEnded(peer: VerifiedPeer, make: (peer: VerifiedPeer) => Refusal): Refusal {
    return remembered(this.#leaseRefusals, peer, make);
  }
}

/** A check that fails for a reason of its own must not leave a connection open. */
function verdictOn(connection: RestingConnection): VerifiedPeer | Refusal {
  try {
    return connection.recheck();
  } catch (cause) {
    if (isRefusal(cause)) return cause;
    const evidence = { subject: connection.peer.name, reason: 'could not be verified again' };
    return new Refusal('CS-PEER-006', evidence, { cause });
  }
}

function remembered<V>(map: WeakMap<VerifiedPeer, V>, peer: VerifiedPeer, make: (peer: VerifiedPeer) => V): V {
  const known = map.get(peer);
  if (known !== undefined) return known;
  const made = make(peer);
  map.set(peer, made);
  return made;
}
