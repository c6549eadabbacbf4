/** Authorities whose keys may have signed lists, as far as they are known, and what their keys verify: each list and key once. */
import { toHex } from '../../../ground/encoding/index.ts';
import { issuerKeyOf, type Sha256 } from '../../../identity/revocation/index.ts';
import {
  type CertificateList,
  type DistinguishedName,
  isKnownAlgorithm,
  type PublicKeyInfo,
  type TrustAnchor,
  type ValidatedPath,
  type VerifySignature,
} from '../../../identity/x509/index.ts';
import type { VerifyAside } from './list-options.ts';

/** `unknown` where no key is known that the list could be signed with. */
export type Judgement = 'signed' | 'forged' | 'unknown';

/** Names and keys for each that are remembered from paths. Own choice: several times what an endpoint's bundles hold. */
const mostNames = 256;
const mostKeys = 8;

export class ListSigners {
  /** Memory in front of what verifies. */
  readonly verify: VerifySignature;
  readonly #verifyAside: VerifyAside;
  readonly #sha256: Sha256;
  readonly #authorities: Map<string, TrustAnchor[]> = new Map();
  readonly #verdicts: WeakMap<Uint8Array, Map<string, boolean>> = new WeakMap();

  constructor(known: readonly TrustAnchor[], verify: VerifySignature, verifyAside: VerifyAside, sha256: Sha256) {
    this.#verifyAside = verifyAside;
    this.#sha256 = sha256;
    this.verify = (key, algorithm, signed, signature) => {
      const verdict = this.#known(signed, key) ?? verify(key, algorithm, signed, signature);
      this.#remember(signed, key, verdict);
      return verdict;
    };
    for (const one of known) this.#learn(one);
  }

  /** Takes the authorities of a valid path; whether any of them was new. */
  learn({ certificates, anchor }: Pick<ValidatedPath, 'certificates' | 'anchor'>): boolean {
    return [...certificates.slice(1), anchor].filter((one) => this.#learn(one)).length > 0;
  }

  async judge(list: CertificateList): Promise<Judgement> {
    const { signatureAlgorithm: algorithm, tbs, signature } = list;
    if (!isKnownAlgorithm(algorithm)) return 'unknown';
    const keys = this.#named(list.issuer).filter((one) => mayHaveSigned(one, list));
    for (const { publicKey } of keys) {
      const verdict = this.#known(tbs, publicKey) ?? (await this.#verifyAside(publicKey, algorithm, tbs, signature));
      this.#remember(tbs, publicKey, verdict);
      if (verdict) return 'signed';
    }
    return keys.length === 0 ? 'unknown' : 'forged';
  }

  /** As `StatusChange` names issuers. */
  issuerKeys(name: DistinguishedName): string[] {
    return this.#named(name).map(({ publicKey }) => issuerKeyOf({ publicKey }, this.#sha256));
  }

  #named(name: DistinguishedName): readonly TrustAnchor[] {
    return this.#authorities.get(keyOf(name)) ?? [];
  }

  #learn(authority: TrustAnchor): boolean {
    const name = keyOf(authority.subject);
    const same = this.#authorities.get(name) ?? [];
    const raw = toHex(authority.publicKey.raw);
    if (same.some((one) => toHex(one.publicKey.raw) === raw)) return false;
    if (same.length >= mostKeys || (same.length === 0 && this.#authorities.size >= mostNames)) return false;
    this.#authorities.set(name, [...same, authority]);
    return true;
  }

  #known(signed: Uint8Array, key: PublicKeyInfo): boolean | undefined {
    return this.#verdicts.get(signed)?.get(toHex(key.raw));
  }

  #remember(signed: Uint8Array, key: PublicKeyInfo, verdict: boolean): void {
    const verdicts = this.#verdicts.get(signed) ?? new Map<string, boolean>();
    if (verdicts.size < mostKeys) this.#verdicts.set(signed, verdicts.set(toHex(key.raw), verdict));
  }
}

/** Of two keys of one name, the list says which (RFC 5280, 5.2.1). */
function mayHaveSigned(authority: TrustAnchor, { authorityKeyIdentifier }: CertificateList): boolean {
  const wanted = authorityKeyIdentifier?.keyIdentifier;
  const held = 'tbs' in authority ? authority.subjectKeyIdentifier : undefined;
  return wanted === undefined || held === undefined || wanted === held;
}

/** U+0001 stands in no prepared text. */
function keyOf(name: DistinguishedName): string {
  return name.keys.join('\u0001');
}
