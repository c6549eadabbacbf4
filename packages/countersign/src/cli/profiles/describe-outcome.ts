/** What a dry run came to, as data: the certificate that would be signed, or the refusal. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import type { TbsCertificate } from '../../identity/x509/index.ts';
import { listNames } from '../../issuing/authority/index.ts';
import { describeExtensions, type ExtensionData } from '../inspect/describe-extensions.ts';

export interface OutcomeCertificate {
  readonly subject: string;
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly key: string;
  readonly issuer: string;
  readonly extensions: readonly ExtensionData[];
}

export type Outcome =
  | { readonly wouldIssue: true; readonly certificate: OutcomeCertificate }
  | {
      readonly wouldIssue: false;
      readonly code: string;
      readonly title: string;
      readonly evidence: Readonly<Record<string, unknown>>;
      readonly remedy: string;
    };

export function describeOutcome({
  certificate,
  refusal,
}: {
  readonly certificate?: TbsCertificate | undefined;
  readonly refusal?: Refusal | undefined;
}): Outcome {
  if (certificate !== undefined) return { wouldIssue: true, certificate: described(certificate) };
  if (refusal === undefined) throw new TypeError('a dry run ends with a certificate or with a refusal');
  const { code, title, evidence, remedy } = refusal;
  return { wouldIssue: false, code, title, evidence, remedy };
}

/** Without serial number, signature and hash, which the certificate itself would have anew. */
function described(certificate: TbsCertificate): OutcomeCertificate {
  return {
    subject: certificate.subject.text,
    names: listNames(certificate.subjectAltName),
    notBefore: toRfc3339(certificate.notBefore),
    notAfter: toRfc3339(certificate.notAfter),
    key: certificate.publicKey.type,
    issuer: certificate.issuer.text,
    extensions: describeExtensions(certificate.extensions),
  };
}
