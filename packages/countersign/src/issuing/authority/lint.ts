/** The last look at what is about to be signed: every rule of its kind, on the bytes themselves and not on what they were made from. */
import { Refusal } from '../../ground/errors/index.ts';
import { parseTbsCertificate, type SignatureAlgorithm, type TbsCertificate } from '../../identity/x509/index.ts';
import type { IssuerFacts } from './key-certificate.ts';
import { type LintedCertificate, markLinted } from './linted-certificate.ts';

export interface LintSubject {
  readonly certificate: TbsCertificate;
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

/** Read by our own strict parser, which compares the algorithm inside with that of the issuer's key (RFC 5280, 4.1.1.2). */
export function readToBeSigned(toBeSigned: Uint8Array, algorithm: SignatureAlgorithm): TbsCertificate {
  try {
    return parseTbsCertificate(toBeSigned, algorithm);
  } catch (error) {
    throw new Refusal(
      'CS-AUTHORITY-001',
      { rule: `reads back: ${String(error)}`, clause: 'RFC 5280 4.1' },
      { cause: error },
    );
  }
}
