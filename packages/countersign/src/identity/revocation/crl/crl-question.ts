/** What is asked of revocation lists about a validated path, and what they answer. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type {
  Certificate,
  CertificateList,
  PathProfile,
  RevocationReason,
  TrustAnchor,
  VerifySignature,
  Weakness,
} from '../../x509/index.ts';
import type { HeldLists } from './held-lists.ts';

export interface CrlQuestion {
  /** A path that has been validated: the certificate in question first, the anchor's own last, where it has one. */
  readonly path: { readonly certificates: readonly Certificate[]; readonly anchor: TrustAnchor };
  readonly lists: HeldLists;
  /** The moment for which the answer must hold, milliseconds since 1970. */
  readonly at: number;
  readonly verifySignature: VerifySignature;
  /**
   * Untrusted certificates among which other signers of lists are sought: those of indirect lists, and other keys of an issuer. The first
   * are tried first, and not many: what the caller holds himself comes before what a peer sent.
   */
  readonly others?: readonly Certificate[];
  /** Further authorities whose validity the caller knows: their keys may sign the lists of their names. */
  readonly trusted?: readonly TrustAnchor[];
  /** The age above which a list is out of date whatever it says of itself; a list without nextUpdate is of use only with it. */
  readonly mostAgeMs?: number;
  /** How far a list may come from the future, for clocks that differ; default 0. */
  readonly clockDifferenceMs?: number;
  /** By which the path to another signer of lists is validated; default `mutual-tls`. */
  readonly profile?: Exclude<PathProfile, 'webpki'>;
  readonly dangerouslyAllow?: readonly Weakness[];
}

/** A list that was relied upon. */
export interface UsedList {
  readonly list: CertificateList;
  /** The changes to it that were taken into account. */
  readonly delta: CertificateList | undefined;
  /** Whose key signed it. */
  readonly signer: TrustAnchor;
  /** Since the later of both was made. */
  readonly ageMs: number;
  /** Until when it counts as fresh, milliseconds since 1970. */
  readonly freshUntil: number;
}

export type CrlVerdict =
  | {
      readonly status: 'good';
      /** More than one where each covers some reasons; none where the certificate says that there is no revocation (RFC 9608). */
      readonly used: readonly UsedList[];
      readonly freshUntil: number;
    }
  | {
      readonly status: 'revoked';
      readonly used: readonly UsedList[];
      readonly freshUntil: number;
      /** Milliseconds since 1970. */
      readonly revokedAt: number;
      readonly reason: RevocationReason;
      readonly refusal: Refusal;
    }
  | {
      readonly status: 'undetermined';
      /** The most useful of the reasons why no list decides. */
      readonly refusal: Refusal;
      /** What an authentic list that is out of date said: whoever lets in what is undetermined must not let this in. Only a hold ends. */
      readonly lastKnown?: { readonly revokedAt: number; readonly reason: RevocationReason };
    };

export interface CrlReport {
  /** Of each certificate of the path that is no anchor, the end-entity's first. */
  readonly verdicts: readonly { readonly certificate: Certificate; readonly verdict: CrlVerdict }[];
  /** Of what is revoked first, nearest to the anchor; else of what is undetermined; `undefined` where all are good. */
  readonly refusal: Refusal | undefined;
  /** Until when a good answer holds. */
  readonly freshUntil: number;
}
