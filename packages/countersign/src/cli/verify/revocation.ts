/** What the revocation lists that `verify` was given say of the path: asked, told to people, and as data. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import { checkPathByLists, type CrlReport, type CrlVerdict, type UsedList } from '../../identity/revocation/index.ts';
import { type Certificate, type ExaminedPath, naming } from '../../identity/x509/index.ts';
import type { Fields } from '../output/output.ts';
import { formatDuration } from '../text/duration.ts';
import type { Question } from './question.ts';

/** `undefined` where no list was given, or no path is valid. */
export function askLists(
  { input, allowed, revocation }: Question,
  path: ExaminedPath | undefined,
): CrlReport | undefined {
  if (revocation === undefined || path === undefined || path.refusal !== undefined) return undefined;
  const { at, verifySignature, intermediates, profile } = input;
  return checkPathByLists({
    path,
    ...revocation,
    others: intermediates,
    at,
    verifySignature,
    // What signs lists is no server of the Web.
    profile: profile === 'webpki' ? 'rfc5280' : profile,
    dangerouslyAllow: allowed,
  });
}

/** One line for each certificate. */
export function revocationLines({ verdicts }: CrlReport, at: number): string[] {
  return verdicts.map(({ certificate, verdict }) => `${printable(naming(certificate))}: ${verdictText(verdict, at)}`);
}

function verdictText(verdict: CrlVerdict, at: number): string {
  if (verdict.status === 'undetermined') return `not known, ${verdict.refusal.code} ${verdict.refusal.title}`;
  if (verdict.used.length === 0) return 'not revoked ever, says the certificate (noRevAvail)';
  const lists = verdict.used.map((used) => listText(used, at)).join('; ');
  return verdict.status === 'good' ? `good, by ${lists}` : `revoked (${verdict.reason}), by ${lists}`;
}

function listText({ list, delta, ageMs, freshUntil }: UsedList, at: number): string {
  const number = list.crlNumber === undefined ? '' : `, number ${list.crlNumber}`;
  const changes = delta === undefined ? '' : ` with changes to number ${delta.crlNumber ?? ''}`;
  const left = `for ${formatDuration(freshUntil - at)} more`;
  return `the list of ${printable(list.issuer.text)}${number}${changes}, ${formatDuration(ageMs)} old, good ${left}`;
}

/** For --json; `null` where revocation was not looked at. */
export function revocationFields(report: CrlReport | undefined): readonly Fields[] | null {
  return report?.verdicts.map(({ certificate, verdict }) => verdictFields(certificate, verdict)) ?? null;
}

function verdictFields(certificate: Certificate, verdict: CrlVerdict): Fields {
  const { status } = verdict;
  const about = { subject: naming(certificate), serialNumber: certificate.serialNumber, status };
  if (verdict.status === 'undetermined') {
    const { code, evidence } = verdict.refusal;
    return { ...about, code, evidence, lists: [] };
  }
  const lists = verdict.used.map(listFields);
  if (verdict.status === 'good') return { ...about, lists };
  return { ...about, revokedAt: toRfc3339(verdict.revokedAt), reason: verdict.reason, lists };
}

function listFields({ list, delta, signer, ageMs, freshUntil }: UsedList): Fields {
  return {
    issuer: list.issuer.text,
    number: list.crlNumber ?? null,
    thisUpdate: toRfc3339(list.thisUpdate),
    nextUpdate: list.nextUpdate === undefined ? null : toRfc3339(list.nextUpdate),
    delta: delta === undefined ? null : { number: delta.crlNumber ?? null, thisUpdate: toRfc3339(delta.thisUpdate) },
    signer: signer.subject.text,
    ageSeconds: Math.floor(ageMs / 1000),
    freshUntil: toRfc3339(freshUntil),
  };
}
