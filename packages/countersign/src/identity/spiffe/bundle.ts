/** Trust bundles, one a trust domain and never merged: whoever is trusted for one domain is not for another. */
import type { Certificate } from '../x509/index.ts';

export interface Bundle {
  readonly trustDomain: string;
  readonly anchors: readonly Certificate[];
  /** Issuers that peers may fail to send; kept here because a runtime can lose a peer's own. */
  readonly intermediates: readonly Certificate[];
  /** Grows with each change of this bundle. */
  readonly sequence: number;
}

export class BundleSet {
  /** The trust domain of whoever holds this set: certificates without a SPIFFE ID are looked up there. */
  readonly home: string;
  /**
   * Whether such certificates are looked up in every bundle, and are of the trust domain under whose anchors alone they have a path. What they name is
   * still told of the home domain's peers alone: who knows partners of others reads the certificate under its trust domain.
   */
  readonly attributed: boolean;
  readonly #bundles: ReadonlyMap<string, Bundle>;

  constructor(home: string, bundles: Iterable<Bundle>, { attributed = false }: { attributed?: boolean } = {}) {
    const keyed = new Map<string, Bundle>();
    for (const bundle of bundles) {
      if (keyed.has(bundle.trustDomain)) throw new TypeError(`two bundles for ${bundle.trustDomain}`);
      keyed.set(bundle.trustDomain, bundle);
    }
    this.home = home;
    this.attributed = attributed;
    this.#bundles = keyed;
  }

  get(trustDomain: string): Bundle | undefined {
    return this.#bundles.get(trustDomain);
  }

  all(): readonly Bundle[] {
    return [...this.#bundles.values()];
  }

  /** The same set with `bundle` in the place of its trust domain's earlier one. */
  with(bundle: Bundle): BundleSet {
    const others = this.all().filter(({ trustDomain }) => trustDomain !== bundle.trustDomain);
    return new BundleSet(this.home, [...others, bundle], this);
  }
}
