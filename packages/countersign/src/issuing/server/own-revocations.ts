/** Revocations as the authority's own server sees them: it is the source, so they never grow stale. */
import type {
  OtherChange,
  RevocationState,
  RevocationView,
  RevokedEntry,
  RevokedScope,
  ScopeSubject,
} from '../../identity/revocation/index.ts';

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

  scopeOf(subject: ScopeSubject): RevokedScope | undefined {
    return this.state.scopeOf(subject);
  }

  otherwiseSince(earlier: RevocationView): OtherChange {
    return this.state.otherwiseSince(earlier instanceof OwnRevocations ? earlier.state : earlier);
  }

  addedSince(earlier: RevocationView): readonly RevokedEntry[] | undefined {
    return earlier instanceof OwnRevocations ? this.state.addedSince(earlier.state) : undefined;
  }
}
