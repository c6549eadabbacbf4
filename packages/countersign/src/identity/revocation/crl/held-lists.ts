/** Revocation lists at hand, found by their issuers' names; a signature is verified once for each key, since a list serves many questions. */
import type { CertificateList, DistinguishedName, PublicKeyInfo } from '../../x509/index.ts';
import { compareNumbers } from './list-number.ts';

/** Verdicts remembered for a list: keys are those of issuers with a valid path, of which there are few. */
const mostKeys = 16;

export class HeldLists {
  readonly size: number;
  readonly #complete: ReadonlyMap<string, readonly CertificateList[]>;
  readonly #deltas: ReadonlyMap<string, readonly CertificateList[]>;
  readonly #verdicts: Map<CertificateList, Map<string, boolean>> = new Map();

  constructor(lists: Iterable<CertificateList>) {
    const all = [...lists].sort(newestFirst);
    this.size = all.length;
    this.#complete = byIssuer(all.filter(({ baseCrlNumber }) => baseCrlNumber === undefined));
    this.#deltas = byIssuer(all.filter(({ baseCrlNumber }) => baseCrlNumber !== undefined));
  }

  /** The newest first. */
  completeOf(issuer: DistinguishedName): readonly CertificateList[] {
    return this.#complete.get(keyOf(issuer)) ?? [];
  }

  /** The newest first. */
  deltasOf(issuer: DistinguishedName): readonly CertificateList[] {
    return this.#deltas.get(keyOf(issuer)) ?? [];
  }

  /** Whether `key` signed `list`, as `verify` finds out once. */
  isSigned(list: CertificateList, key: PublicKeyInfo, verify: () => boolean): boolean {
    const verdicts = this.#verdicts.get(list) ?? new Map<string, boolean>();
    const name = String.fromCharCode(...key.raw);
    const known = verdicts.get(name);
    if (known !== undefined) return known;
    const verdict = verify();
    if (verdicts.size < mostKeys) this.#verdicts.set(list, verdicts.set(name, verdict));
    return verdict;
  }
}

function newestFirst(a: CertificateList, b: CertificateList): number {
  return b.thisUpdate - a.thisUpdate || compareNumbers(b.crlNumber ?? '00', a.crlNumber ?? '00');
}

function byIssuer(lists: readonly CertificateList[]): Map<string, CertificateList[]> {
  const found = new Map<string, CertificateList[]>();
  for (const list of lists) {
    const key = keyOf(list.issuer);
    const same = found.get(key);
    if (same === undefined) found.set(key, [list]);
    else same.push(list);
  }
  return found;
}

/** Names are equal where this is; U+0001 stands in no prepared text. */
function keyOf(name: DistinguishedName): string {
  return name.keys.join('\u0001');
}
