/** What the feeds of several trust domains know of revocations, as one view: whoever one of them revokes is revoked, and the lease of each is about its own peers. */
import type {
  OtherChange,
  RevocationView,
  RevokedEntry,
  RevokedScope,
  ScopeSubject,
} from '../../../identity/revocation/index.ts';

export interface FeedView {
  readonly trustDomain: string;
  readonly view: RevocationView;
  /** Whether it counts beyond its lease. */
  readonly continues: boolean;
}

export class CombinedView implements RevocationView {
  readonly number: number;
  readonly freshUntil: number;
  readonly leases: ReadonlyMap<string, number>;
  readonly #feeds: readonly FeedView[];

  constructor(feeds: readonly FeedView[]) {
    this.#feeds = feeds;
    this.number = Math.max(0, ...feeds.map(({ view }) => view.number));
    this.leases = new Map(
      feeds.flatMap(({ trustDomain, view, continues }) => (continues ? [] : [[trustDomain, view.freshUntil]])),
    );
    this.freshUntil = Math.min(Number.POSITIVE_INFINITY, ...this.leases.values());
  }

  isRevoked(issuerKey: string, serialNumber: string): RevokedEntry | undefined {
    for (const { view } of this.#feeds) {
      const entry = view.isRevoked(issuerKey, serialNumber);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  scopeOf(subject: ScopeSubject): RevokedScope | undefined {
    for (const { view } of this.#feeds) {
      const scope = view.scopeOf?.(subject);
      if (scope !== undefined) return scope;
    }
    return undefined;
  }

  addedSince(earlier: RevocationView): readonly RevokedEntry[] | undefined {
    const before = this.#before(earlier);
    if (before === undefined) return undefined;
    const added: RevokedEntry[] = [];
    for (const [at, { view }] of this.#feeds.entries()) {
      const past = before[at]?.view;
      if (past === view) continue;
      const entries = past && view.addedSince?.(past);
      if (entries === undefined) return undefined;
      added.push(...entries);
    }
    return added;
  }

  otherwiseSince(earlier: RevocationView): OtherChange {
    const before = this.#before(earlier) ?? [];
    const changes = this.#feeds.flatMap(({ view }, at) => {
      const past = before[at]?.view;
      return past === undefined || past === view
        ? []
        : [view.otherwiseSince?.(past) ?? { scopes: [], released: false }];
    });
    return { scopes: changes.flatMap(({ scopes }) => scopes), released: changes.some(({ released }) => released) };
  }

  /** `undefined` where it was of other feeds: then everything must be looked at. */
  #before(earlier: RevocationView): readonly FeedView[] | undefined {
    if (!(earlier instanceof CombinedView) || earlier.#feeds.length !== this.#feeds.length) return undefined;
    const isSame = this.#feeds.every(({ trustDomain }, at) => earlier.#feeds[at]?.trustDomain === trustDomain);
    return isSame ? earlier.#feeds : undefined;
  }
}
