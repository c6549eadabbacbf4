/** What `status` shows: how the authority is, in 80 columns. */
import { parseRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import type { AuthorityAtRest } from '../../issuing/server/index.ts';
import type { AuthorityStatus, StatusEndpointMeans, StatusMeans, StatusSource } from '../../runtime/api/index.ts';
import type { Paint } from '../output/paint.ts';
import { formatBytes } from '../text/bytes.ts';
import { formatDuration } from '../text/duration.ts';
import { beside, wrap } from '../text/wrap.ts';

const indent = 3;
const column = 16;
const columns = 80;

export function statusText(status: AuthorityStatus, dir: string, nowMs: number, paint: Paint): string {
  const { trustDomain, since, ready, pid, version } = status;
  const state = ready === false ? paint.bad('not ready') : paint.good('ready');
  const sinceText = since === undefined ? '' : `, since ${since} (${ago(since, nowMs)})`;
  return [
    ` ${paint.strong(`authority ${trustDomain}`)}  ${state}${sinceText}`,
    ...line('address', `${status.url}  process ${String(pid)}${version === undefined ? '' : `, version ${version}`}`),
    ...line('root', status.root),
    ...line('state', dir),
    ...(status.issuerNotAfter === undefined ? [] : line('issuer', ends(status.issuerNotAfter, nowMs))),
    ...waitingIssuer(status, nowMs),
    ...stored(status),
    ...revocation(status, nowMs),
    ...published(status, nowMs),
    ...line(
      'backup',
      status.lastBackup === undefined ? 'none known' : `${status.lastBackup} (${ago(status.lastBackup, nowMs)})`,
    ),
    ...trouble(status, paint),
  ].join('\n');
}

export function atRestText(rest: AuthorityAtRest, dir: string, nowMs: number, paint: Paint): string {
  const { trustDomain, root, issuerNotAfterMs, databaseBytes } = rest;
  const known = trustDomain !== undefined || root !== undefined || databaseBytes !== undefined;
  if (!known) return [` ${paint.bad('no authority serves, and none is here')}`, ...line('state', dir)].join('\n');
  return [
    ` ${paint.strong(`authority ${trustDomain ?? 'of a trust domain that can not be read'}`)}  ${paint.bad('does not serve')}`,
    ...(root === undefined ? [] : line('root', root)),
    ...line('state', dir),
    ...(issuerNotAfterMs === undefined ? [] : line('issuer', endsAt(issuerNotAfterMs, nowMs))),
    ...(databaseBytes === undefined ? [] : line('database', formatBytes(databaseBytes))),
  ].join('\n');
}

/** Until then the authority goes on with the one that it has, and whoever replaced it may think otherwise. */
function waitingIssuer({ nextIssuer }: AuthorityStatus, nowMs: number): string[] {
  if (nextIssuer === undefined) return [];
  return line('next issuer', `waits for the next start; ${ends(nextIssuer.notAfter, nowMs)}`);
}

function stored({ certificates, database, memoryBytes }: AuthorityStatus): string[] {
  const memory = memoryBytes === undefined ? [] : line('memory', formatBytes(memoryBytes));
  if (certificates === undefined || database === undefined) return memory;
  const { valid, revoked, expired } = certificates;
  const { bytes, walBytes, diskFreeBytes, diskBytes } = database;
  return [
    ...line('certificates', `${String(valid)} valid, ${String(revoked)} revoked, ${String(expired)} expired`),
    ...line(
      'database',
      `${formatBytes(bytes)}, its log ${formatBytes(walBytes)}; free: ${formatBytes(diskFreeBytes)} of ${formatBytes(diskBytes)}`,
    ),
    ...memory,
  ];
}

function revocation(
  { feedNumber, endpoints, lease, revocation: means = [], endpointMeans }: AuthorityStatus,
  nowMs: number,
): string[] {
  if (endpoints === undefined || feedNumber === undefined) return [];
  const { subscribed, leased, behind, worst } = endpoints;
  const counts = `${String(subscribed)} follow the feed (number ${String(feedNumber)}), ${String(leased)} hold a lease, ${String(behind)} behind`;
  const exposure =
    worst === undefined
      ? 'none: whatever is revoked is closed everywhere'
      : `${printable(worst.name)} may accept what was revoked until ${worst.until} (${left(worst.until, nowMs)})`;
  return [
    ...line('endpoints', counts),
    ...line('exposure', exposure),
    ...leaseLine(lease),
    ...means.flatMap(meansLine),
    ...besideTheFeed(endpointMeans),
  ];
}

function leaseLine(lease: AuthorityStatus['lease']): string[] {
  if (lease === undefined) return [];
  const [time, beat] = [formatDuration(lease.seconds * 1000), formatDuration(lease.heartbeatSeconds * 1000)];
  return line('lease', `${time} for each endpoint, lengthened every ${beat}`);
}

/** A revocation made now. */
function meansLine({ means, whom, worstSeconds }: StatusMeans): string[] {
  const worst =
    worstSeconds === undefined ? 'as long as what they hold is valid' : `${String(Math.round(worstSeconds))} s`;
  const by = means === 'none' ? 'by nothing' : `by ${means === 'feed' ? 'the feed' : means.toUpperCase()}`;
  return line(by, `${printable(whom)}: revoked there within ${worst} at worst`);
}

function besideTheFeed(told: AuthorityStatus['endpointMeans']): string[] {
  if (told === undefined) return [];
  const { reporting, endpoints } = told;
  const unlisted = reporting - endpoints.length;
  const more = unlisted === 0 ? '' : `; ${String(unlisted)} of shorter exposure are not shown`;
  return [
    ...line('beside it', `${String(reporting)} ask lists or responders too: revoked there ${within(told)}${more}`),
    ...endpoints.flatMap(endpointLines),
  ];
}

function endpointLines({ name, endpoint, undetermined, sources, ...exposure }: StatusEndpointMeans): string[] {
  const soft = undetermined === 'refuse' ? '' : ', since whoever nothing is known of is let in';
  const of = `${printable(name)} (${endpoint.slice(0, 8)})`;
  return [...line('', `${of}: ${within(exposure)}${soft}`), ...sources.flatMap(sourceLine)];
}

function sourceLine({ means, source, issuer, failure, ...said }: StatusSource): string[] {
  const whose = issuer === undefined ? '' : ` of ${printable(issuer)}`;
  const failed = failure === undefined ? '' : `; not fetched lately (${printable(failure)})`;
  const known = said.thisUpdate === undefined ? 'never came' : `of ${said.thisUpdate}, ${within(said)}`;
  return line(
    '',
    `- ${means === 'staple' ? means : means.toUpperCase()} ${printable(source)}${whose}: ${known}${failed}`,
  );
}

function within({ worstSeconds }: { readonly worstSeconds?: number | undefined }): string {
  return worstSeconds === undefined ? 'after no bounded time' : `within ${String(worstSeconds)} s at worst`;
}

function published({ lists, ocsp }: AuthorityStatus, nowMs: number): string[] {
  return [
    ...(lists === undefined
      ? []
      : line(
          'lists',
          `${String(lists.entries)} entries, of ${lists.thisUpdate} (${ago(lists.thisUpdate, nowMs)}), good until ${lists.nextUpdate} (${left(lists.nextUpdate, nowMs)})`,
        )),
    ...(ocsp === undefined
      ? []
      : line(
          'ocsp',
          `answered good ${String(ocsp.good)}, revoked ${String(ocsp.revoked)}, unknown ${String(ocsp.unknown)} times since the start; ${String(ocsp.kept)} answers are signed ahead`,
        )),
  ];
}

function trouble({ ready, reasons = [], warnings = [] }: AuthorityStatus, paint: Paint): string[] {
  const why = reasons.flatMap(({ code, title, remedy, evidence }) => {
    const facts = Object.entries(evidence).map(([name, fact]) => `${name} ${printable(fact)}`);
    return [
      ...labelled(paint.bad('not ready'), `${code} ${title} (${facts.join(', ')})`),
      ...wrap(`try: ${remedy}`, columns - indent).map((text) => ' '.repeat(indent) + text),
    ];
  });
  const stopping = ready === false && reasons.length === 0 ? [` ${paint.bad('not ready')}: it is ending`] : [];
  return [...stopping, ...why, ...warnings.flatMap(({ text }) => labelled(paint.strong('warning'), text))];
}

/** The label's colours are no columns. */
function labelled(label: string, text: string): string[] {
  const [first = '', ...more] = wrap(printable(text), columns - 12);
  return [` ${label}: ${first}`, ...more.map((part) => ' '.repeat(indent) + part)];
}

function line(label: string, text: string): string[] {
  return beside(label, text, indent, column + 1);
}

function ends(notAfter: string, nowMs: number): string {
  return `${parsed(notAfter) < nowMs ? 'expired' : 'expires'} ${notAfter} (${left(notAfter, nowMs)})`;
}

function endsAt(notAfterMs: number, nowMs: number): string {
  const distance = Math.abs(notAfterMs - nowMs);
  return notAfterMs < nowMs ? `expired ${formatDuration(distance)} ago` : `expires in ${formatDuration(distance)}`;
}

function left(time: string, nowMs: number): string {
  const ms = parsed(time) - nowMs;
  return ms < 0 ? `${formatDuration(-ms)} ago` : `in ${formatDuration(ms)}`;
}

function ago(time: string, nowMs: number): string {
  return `${formatDuration(Math.max(0, nowMs - parsed(time)))} ago`;
}

function parsed(time: string): number {
  return parseRfc3339(time) ?? 0;
}
