/** Revocations as the authority's own server sees them: it is the source, so they never grow stale. */
import type { RevocationState, RevocationView, RevokedEntry } from '../../identity/revocation/index.ts';

export class OwnRevocations implements RevocationView {
  readonly state: RevocationState;
  readonly freshUntil: number = Number.POSITIVE_INFINITY;

  constructor(state: RevocationState) {
    this.state = state;
  }

  get number(): number {
    return this.state.number;
  }

  isRevoked(issuerKey: string, serialNumber: string): RevokedEntry | undefined {
    return this.state.isRevoked(issuerKey, serialNumber);
  }

  addedSince(earlier: RevocationView): readonly RevokedEntry[] | undefined {
    return earlier instanceof OwnRevocations ? this.state.addedSince(earlier.state) : undefined;
  }
}
