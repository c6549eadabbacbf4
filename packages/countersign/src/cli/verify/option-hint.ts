/** The option of `verify` that helps against a refusal, where there is one: the registry's remedies speak to every caller. */
import { printable, type Refusal } from '../../ground/errors/index.ts';
import { type Certificate, isSelfIssued, sameName } from '../../identity/x509/index.ts';
import type { Question } from './question.ts';

export function optionHint(refusal: Refusal, question: Question): string | undefined {
  switch (refusal.code) {
    case 'CS-PATH-001':
      return missingIssuer(question);
    case 'CS-PATH-002':
    case 'CS-PATH-003':
      return '--at RFC3339 judges at another moment';
    case 'CS-PATH-008':
      return otherPurpose(question);
    case 'CS-PATH-010':
      return '--name NAME with one of the names found; without --name, a file is judged for none';
    case 'CS-PATH-012':
      return '--policy OID for the policy that it was issued under (countersign inspect shows it); none is required without --require-policy, unless an authority asks for one';
    case 'CS-PATH-013':
      return '--profile rfc5280 judges by the standard alone';
    case 'CS-CRL-003':
    case 'CS-CRL-011':
      return '--crl FILE once more, with the list that is missing';
    case 'CS-CRL-007':
      return '--intermediates FILE with the certificate of the key that signs the lists, if it is another one';
    case 'CS-X509-002':
      return weakness(String(refusal.evidence['algorithm']));
    default:
      return undefined;
  }
}

function otherPurpose({ input: { purpose } }: Question): string | undefined {
  if (purpose === 'any') return undefined;
  return `--purpose ${purpose === 'server' ? 'client' : 'server'}, or any, if that is what it is for`;
}

/** Whose certificate is not at hand: that of the last one to which the names lead. */
function missingIssuer({ input: { leaf, intermediates, anchors } }: Question): string {
  const tip = lastByName(leaf, intermediates);
  if (isSelfIssued(tip)) return `--roots FILE with ${named(tip)}, if you trust it: it is issued by itself`;
  if (anchors.some((anchor) => sameName(anchor.subject, tip.issuer))) return '--roots FILE with other roots';
  const issuer = printable(tip.issuer.text);
  return `the certificate of ${issuer} is not at hand: give it with --intermediates FILE, or with --roots FILE if you trust it`;
}

function lastByName(leaf: Certificate, intermediates: readonly Certificate[]): Certificate {
  const passed = new Set<Certificate>();
  for (let tip = leaf; ;) {
    passed.add(tip);
    const { issuer } = tip;
    const next = intermediates.find((one) => !passed.has(one) && sameName(one.subject, issuer));
    if (next === undefined) return tip;
    tip = next;
  }
}

function named({ subject }: Certificate): string {
  return printable(subject.text === '' ? 'this certificate' : subject.text);
}

function weakness(algorithm: string): string | undefined {
  if (/SHA-?1\b/i.test(algorithm)) return '--allow-sha1 to look at it all the same (DANGEROUS: it can be forged)';
  const bits = Number(/RSA key of (\d+) bits/.exec(algorithm)?.[1] ?? 0);
  return bits >= 1024 ? '--allow-rsa-1024 to look at it all the same (DANGEROUS: it can be broken)' : undefined;
}
