/** The peers that were verified under the bundles and policies of now, by their leaf. */
import type { Clock } from '../../../ground/clock/index.ts';
import { expiryOf, type Trust } from '../trust/trust.ts';
import { isRevoked } from './revoked-peer.ts';
import type { VerifiedPeer } from './verified-peer.ts';

/** Known peers of one endpoint. Our own choice: about 1 KiB each. */
const mostCached = 10_000;

interface KnownUnder {
  readonly trust: Trust;
  readonly clock: Clock;
}

export class KnownPeers {
  readonly #given: KnownUnder;
  readonly #peers = new Map<string, VerifiedPeer>();
  #epoch: number;

  constructor(given: KnownUnder) {
    this.#given = given;
    this.#epoch = given.trust.epoch;
  }

  /** @throws CS-PEER-010 */
  find(leafThumbprint: string, staple: Uint8Array | undefined): VerifiedPeer | undefined {
    const { trust, clock } = this.#given;
    if (this.#epoch < Math.max(trust.bundleEpoch, trust.policyEpoch)) this.#peers.clear();
    this.#epoch = trust.epoch;
    const found = this.#peers.get(leafThumbprint);
    if (found === undefined || clock.now() >= expiryOf(found)) return undefined;
    trust.requireFresh(found.name, found.trustDomain);
    if (trust.statuses?.countsFor(found, staple) === false) return undefined;
    return isRevoked(found, trust) ? undefined : found;
  }

  remember(verified: VerifiedPeer): VerifiedPeer {
    const peers = this.#peers;
    const oldest = peers.size >= mostCached ? peers.keys().next().value : undefined;
    if (oldest !== undefined) peers.delete(oldest);
    peers.set(verified.thumbprint, verified);
    return verified;
  }
}
