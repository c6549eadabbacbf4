/** The revocations of a state that are wider than one certificate; immutable. They are few: a person made each. */
import { type RevokedScope, scopeKey, type ScopeSubject } from './revoked-scope.ts';

/** As with entries: of use to whoever's clock is behind by a day. Own choice. */
const keptAfterExpiryMs = 24 * 3_600_000;

export class ScopeSet implements Iterable<RevokedScope> {
  static readonly empty: ScopeSet = new ScopeSet(new Map());
  readonly #scopes: ReadonlyMap<string, RevokedScope>;

  private constructor(scopes: ReadonlyMap<string, RevokedScope>) {
    this.#scopes = scopes;
  }

  [Symbol.iterator](): Iterator<RevokedScope> {
    return this.#scopes.values();
  }

  /** With these as well; of an identity that was revoked before, whatever reaches further counts. */
  with(added: readonly RevokedScope[], atMs: number): ScopeSet {
    if (added.length === 0) return this;
    const scopes = new Map<string, RevokedScope>();
    for (const scope of this.#scopes.values())
      if (scope.expiresAt >= atMs - keptAfterExpiryMs) scopes.set(scopeKey(scope), scope);
    for (const scope of added) if (!this.covers(scope)) scopes.set(scopeKey(scope), scope);
    return new ScopeSet(scopes);
  }

  /** Whether whatever it concerns is revoked by one of these. */
  covers(scope: RevokedScope): boolean {
    const known = this.#scopes.get(scopeKey(scope));
    if (known === undefined) return false;
    if (known.kind === 'issuer' || scope.kind === 'issuer') return true;
    return known.notBeforeUntil >= scope.notBeforeUntil && known.expiresAt >= scope.expiresAt;
  }

  find(subject: ScopeSubject): RevokedScope | undefined {
    if (this.#scopes.size === 0) return undefined;
    const byIdentity = subject.identity === undefined ? undefined : this.#scopes.get(`identity:${subject.identity}`);
    if (byIdentity?.kind === 'identity' && subject.notBefore() <= byIdentity.notBeforeUntil) return byIdentity;
    for (const issuerKey of subject.issuerKeys()) {
      const found = this.#scopes.get(`issuer:${issuerKey}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
