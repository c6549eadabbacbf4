/** The last look at what is about to be signed: every rule of its kind, on the bytes themselves and not on what they were made from. */
import { toHex } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  type Certificate,
  encodeSigned,
  parseCertificate,
  type SignatureAlgorithm,
} from '../../identity/x509/index.ts';
import type { IssuerFacts } from './key-certificate.ts';
import { type LintedCertificate, markLinted } from './linted-certificate.ts';

export interface LintSubject {
  readonly certificate: Certificate;
  readonly issuer: IssuerFacts;
}

/** A rule of a standard, or of ours, with where it stands. */
export interface LintRule<Context> {
  readonly rule: string;
  readonly clause: string;
  readonly holds: (subject: LintSubject, context: Context) => boolean;
}

/** Throws CS-AUTHORITY-001 with the first rule that does not hold. */
export function lint<Context>(
  toBeSigned: Uint8Array,
  issuer: IssuerFacts,
  rules: readonly LintRule<Context>[],
  context: Context,
): LintedCertificate {
  const subject = { certificate: readToBeSigned(toBeSigned, issuer.signatureAlgorithm), issuer };
  for (const { rule, clause, holds } of rules) {
    if (!holds(subject, context)) throw new Refusal('CS-AUTHORITY-001', { rule, clause });
  }
  return markLinted(toBeSigned);
}

/**
 * Read by our own strict parser, under a signature of the right form that signs nothing. Reading compares the algorithm inside with that of the
 * issuer's key around it (RFC 5280, 4.1.1.2).
 */
export function readToBeSigned(toBeSigned: Uint8Array, algorithm: SignatureAlgorithm): Certificate {
  try {
    return parseCertificate(encodeSigned(toBeSigned, algorithm, formOf(algorithm)));
  } catch (error) {
    throw new Refusal(
      'CS-AUTHORITY-001',
      { rule: `reads back: ${String(error)}`, clause: 'RFC 5280 4.1' },
      { cause: error },
    );
  }
}

/** SEQUENCE { INTEGER 1, INTEGER 1 } for ECDSA (RFC 3279, 2.2.3), 64 octets for Ed25519 (RFC 8032, 5.1.6). */
function formOf(algorithm: SignatureAlgorithm): Uint8Array {
  return algorithm === 'Ed25519' ? new Uint8Array(64) : Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return toHex(a) === toHex(b);
}
