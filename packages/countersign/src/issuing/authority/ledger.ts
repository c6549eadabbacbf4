/** The storage ports of the issuing side: what must be durable before, and after, a certificate is signed. Each call takes a batch. */

import type { AuditEvent } from '../../runtime/audit/index.ts';

/** That a certificate with this serial number is about to be signed. */
export interface Intent {
  readonly serialNumber: string;
  readonly issuerKey: string;
  /** Where the request came from, opaque to the authority: "token:ID", "renewal:SERIAL", "own:...". */
  readonly origin: string;
  /** Hexadecimal SHA-256 of what will be signed: shows afterwards that nothing else was. */
  readonly toBeSignedSha256: string;
  readonly recordedAtMs: number;
  /** The one-time token that is used up by it, where this is the token's first use. */
  readonly token?: TokenUse | undefined;
}

export interface TokenUse {
  /** The token's identifier. */
  readonly id: string;
  /** Lower-case hexadecimal SHA-256 of the SubjectPublicKeyInfo: the token is good for this key alone from then on. */
  readonly publicKeySha256: string;
}

/** By which key, and when, a token was used first. */
export interface TokenClaim {
  /** Lower-case hexadecimal SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKeySha256: string;
  readonly atMs: number;
}

/** Other than `recorded`, nothing of the intent is on record: its token was used before, or there is no such token. */
export type IntentOutcome = 'recorded' | 'unknown-token' | TokenClaim;

/** A certificate as it is kept. */
export interface IssuedCertificate {
  /** Upper-case hexadecimal, as OpenSSL prints it. */
  readonly serialNumber: string;
  /** Lower-case hexadecimal SHA-256 of the issuer's SubjectPublicKeyInfo. */
  readonly issuerKey: string;
  /** The serial number of the first certificate of the line of renewals that this one belongs to. */
  readonly lineage: string;
  readonly origin: string;
  /** The profile's name. */
  readonly profile: string;
  /** The names in the order in which they were granted: DNS, URI, IP. */
  readonly names: readonly string[];
  readonly spiffeId: string;
  /** Lower-case hexadecimal SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKeySha256: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly issuedAtMs: number;
  /** The life that was asked for; a renewal gets the same. */
  readonly lifeMs: number;
  /** DER. */
  readonly certificate: Uint8Array;
}

/**
 * Other than `recorded`, the certificate is not kept and must not be handed out. `lineage-revoked`: its line of renewals was revoked, perhaps
 * between the decision to renew and now. `lineage-held`: it is on hold.
 * `identity-revoked`: it begins a line with a token that was made before its identity was revoked. `key-compromised`: a certificate for its key was revoked with the reason keyCompromise.
 * `lineage-full`: as many of the line as may be are unexpired.
 */
export type RecordOutcome =
  'recorded' | 'lineage-revoked' | 'lineage-held' | 'identity-revoked' | 'key-compromised' | 'lineage-full';

/** What the authority writes. */
export interface IssuanceLedger {
  /**
   * Resolves when those that are recorded, and the uses of their tokens, are on disk; one outcome for each, in order.
   * @param events for the audit log, one an intent; written in the same transaction, where the intent is
   */
  recordIntents(intents: readonly Intent[], events: readonly AuditEvent[]): Promise<readonly IntentOutcome[]>;
  /**
   * Resolves when all of them are on disk; one outcome for each, in order.
   * @param mostOfOneLineage unexpired certificates that one line of renewals may have
   */
  recordCertificates(
    certificates: readonly IssuedCertificate[],
    mostOfOneLineage: number,
  ): Promise<readonly RecordOutcome[]>;
  /** The latest time of any intent, for noticing a clock that went back; `undefined` where there is none. */
  latestIntentMs(): Promise<number | undefined>;
}

export interface Revocation {
  readonly atMs: number;
  readonly reason: string;
  /** The number of the feed's message that carries it. */
  readonly number: number;
}

export interface CertificateRecord extends IssuedCertificate {
  readonly revoked?: Revocation;
  /** Set where any certificate of the line is revoked, this one or another. */
  readonly lineageRevoked?: Revocation;
}

export interface CertificatePage {
  readonly records: readonly CertificateRecord[];
  /** Where the next page starts; absent on the last. */
  readonly next?: string;
}

/** What is read of certificates. */
export interface CertificateInventory {
  bySerialNumber(serialNumbers: readonly string[]): Promise<readonly (CertificateRecord | undefined)[]>;
  /** By the origin of a token (`token:ID`), which has one certificate at most; of other origins nothing is found. */
  byOrigin(origins: readonly string[]): Promise<readonly (CertificateRecord | undefined)[]>;
  /** Those that carry the name, in the order of issuing. */
  byName(name: string, after: string | undefined, limit: number): Promise<CertificatePage>;
  /** When the last of an issuer's certificates on record ends, the responders' own left aside; `undefined` where there is none. */
  lastEnd(issuerKey: string): Promise<number | undefined>;
  /** In the order of issuing. */
  page(after: string | undefined, limit: number): Promise<CertificatePage>;
}
