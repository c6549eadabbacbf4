/** What was found of the revocation of each certificate of the path: told to people, and as data. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import type { UsedList } from '../../identity/revocation/index.ts';
import { naming } from '../../identity/x509/index.ts';
import type { Fields } from '../output/output.ts';
import { formatDuration } from '../text/duration.ts';
import type { HeardFeed, UnheardFeed } from './hear-feed.ts';
import type { Answered, Decided, DecidedBy, RevocationReport, RevocationVerdict } from './decide-revocation.ts';

/** One line for each certificate. */
export function revocationLines({ verdicts }: RevocationReport, at: number): string[] {
  return verdicts.map(({ certificate, decided }) => `${printable(naming(certificate))}: ${decidedText(decided, at)}`);
}

function decidedText(decided: Decided, at: number): string {
  if (decided.status === 'undetermined') return `not known, ${decided.refusal.code} ${decided.refusal.title}`;
  if (decided.means === 'certificate') return 'not revoked ever, says the certificate (noRevAvail)';
  const by = byText(decided, at);
  return decided.status === 'good' ? `good, by ${by}` : `revoked (${decided.reason ?? 'no reason given'}), by ${by}`;
}

function byText(decided: Exclude<DecidedBy, { readonly means: 'certificate' }>, at: number): string {
  if (decided.means === 'feed') return feedText(decided.feed, at);
  if (decided.means === 'ocsp') return answerText(decided.answer, at);
  return decided.used.map((used) => listText(used, at)).join('; ');
}

function feedText({ state, socket }: HeardFeed, at: number): string {
  const left = state.freshUntil > at ? `good for ${formatDuration(state.freshUntil - at)} more` : 'its lease has ended';
  const age = formatDuration(Math.max(0, at - state.at));
  return `the feed at ${printable(socket)}, number ${String(state.number)}, ${age} old, ${left}`;
}

function answerText({ responder, thisUpdate, freshUntil }: Answered, at: number): string {
  const who = responder.kind === 'issuer' ? 'its issuer' : printable(naming(responder.certificate));
  const age = formatDuration(Math.max(0, at - thisUpdate));
  return `the OCSP answer of ${who}, ${age} old, good for ${formatDuration(freshUntil - at)} more`;
}

function listText({ list, delta, ageMs, freshUntil }: UsedList, at: number): string {
  const number = list.crlNumber === undefined ? '' : `, number ${list.crlNumber}`;
  const changes = delta === undefined ? '' : ` with changes to number ${delta.crlNumber ?? ''}`;
  const left = `for ${formatDuration(freshUntil - at)} more`;
  return `the list of ${printable(list.issuer.text)}${number}${changes}, ${formatDuration(ageMs)} old, good ${left}`;
}

/** For --json; `null` where revocation was not looked at. */
export function revocationFields(report: RevocationReport | undefined, at: number): readonly Fields[] | null {
  return report?.verdicts.map((verdict) => verdictFields(verdict, at)) ?? null;
}

/** For --json; `null` where no feed was passed over. */
export function unheardFields(unheard: UnheardFeed | undefined): Fields | null {
  if (unheard === undefined) return null;
  const { code, title, evidence } = unheard.refusal;
  return { socket: unheard.socket, code, title, evidence };
}

function verdictFields({ certificate, decided, lists }: RevocationVerdict, at: number): Fields {
  const { status } = decided;
  const about = { subject: naming(certificate), serialNumber: certificate.serialNumber, status };
  const used = lists !== undefined && 'used' in lists ? lists.used.map(listFields) : [];
  if (decided.status === 'undetermined') {
    const { code, evidence } = decided.refusal;
    return { ...about, means: null, code, evidence, lists: used };
  }
  const feed = decided.means === 'feed' ? feedFields(decided.feed) : null;
  const by = { means: decided.means, ...timeFields(decided, at), lists: used, ...(feed && { feed }) };
  if (decided.status === 'good') return { ...about, ...by };
  return { ...about, revokedAt: toRfc3339(decided.revokedAt), reason: decided.reason ?? null, ...by };
}

function feedFields({ socket, state: { number } }: HeardFeed): Fields {
  return { socket, number };
}

function timeFields(decided: Exclude<Decided, { readonly status: 'undetermined' }>, at: number): Fields {
  if (decided.means === 'certificate') return { thisUpdate: null, ageSeconds: null, freshUntil: null };
  const { thisUpdate, freshUntil } = decided;
  const ageSeconds = Math.floor(Math.max(0, at - thisUpdate) / 1000);
  return { thisUpdate: toRfc3339(thisUpdate), ageSeconds, freshUntil: toRfc3339(freshUntil) };
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
