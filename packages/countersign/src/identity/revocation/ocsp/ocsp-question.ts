/** What is asked of an OCSP response, and what comes of it. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type {
  Certificate,
  CertIdHash,
  DistinguishedName,
  OcspResponse,
  PublicKeyInfo,
  RevocationReason,
  VerifySignature,
  Weakness,
} from '../../x509/index.ts';

/** Computes a hash; handed in, as all cryptography. */
export type OcspHash = (algorithm: CertIdHash, bytes: Uint8Array) => Uint8Array;

/** Who issued the certificate: a certificate of a validated path, or its anchor. */
export interface OcspIssuer {
  readonly subject: DistinguishedName;
  readonly publicKey: PublicKeyInfo;
}

export interface OcspQuestion {
  /** Its signature by `issuer` was verified already. */
  readonly certificate: Pick<Certificate, 'serialNumber' | 'issuer' | 'notAfter'>;
  readonly issuer: OcspIssuer;
  readonly response: OcspResponse;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How far this clock and the responder's may be apart; default `defaultOcspToleranceMs`. */
  readonly toleranceMs?: number;
  /** How long after its thisUpdate an answer may be used, whatever it says of nextUpdate; default `defaultOcspAgeMs`. */
  readonly mostAgeMs?: number;
  /** Set where the request had one: a response with another is refused, and one without where it is `required`. */
  readonly nonce?: { readonly hex: string; readonly required: boolean } | undefined;
  /** Responders that are believed for this issuer by local configuration (RFC 6960, 4.2.2.2, 1). */
  readonly trustedResponders?: readonly Certificate[];
  readonly verifySignature: VerifySignature;
  readonly hash: OcspHash;
  readonly dangerouslyAllow?: readonly Weakness[];
}

/** Own choice: as much as clocks without NTP drift apart in weeks; certificates are backdated by less. */
export const defaultOcspToleranceMs: number = 5 * 60_000;

/** Own choice: as long as the longest answers of the public Web hold (CA/Browser Forum BR 4.9.10: ten days), though most hold hours. */
export const defaultOcspAgeMs: number = 10 * 24 * 3_600_000;

/** Who signed: the issuer itself, a responder that it delegated to, or one of local configuration. */
export type OcspResponder =
  | { readonly kind: 'issuer' }
  | {
      readonly kind: 'delegated';
      readonly certificate: Certificate;
      /** Set where the issuer wants its revocation looked up (no id-pkix-ocsp-nocheck): the answer counts only if it is good (4.2.2.2.1). */
      readonly mustBeChecked: boolean;
    }
  | { readonly kind: 'trusted'; readonly certificate: Certificate };

export interface OcspEvidence {
  readonly responder: OcspResponder;
  /** Milliseconds since 1970, as are the others. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
  readonly producedAt: number;
  /** Until when it may be used again: nextUpdate, the greatest age, or the end of the responder's certificate, whichever is first. */
  readonly freshUntil: number;
}

export type OcspAnswer =
  | ({ readonly status: 'good' } & OcspEvidence)
  | ({
      readonly status: 'revoked';
      readonly revokedAt: number;
      readonly reason: RevocationReason | undefined;
    } & OcspEvidence)
  /** CS-OCSP-009. */
  | ({ readonly status: 'unknown'; readonly refusal: Refusal } & OcspEvidence)
  /** The response says nothing that may be relied upon. */
  | { readonly status: 'undetermined'; readonly refusal: Refusal };
