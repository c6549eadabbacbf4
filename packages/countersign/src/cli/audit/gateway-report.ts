/** What a gateway has decided of a partner, verified and as a table. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import { type EvidenceFinding, type EvidenceReport, verifyEvidence } from '../../traffic/gateway/index.ts';
import type { Paint } from '../output/paint.ts';
import { columns, wrap } from '../text/wrap.ts';
import type { Evidence } from './evidence-file.ts';
import { findingWords } from './finding-words.ts';

export interface GatewayReport extends EvidenceReport {
  readonly name: string;
  /** Lines in its folder that were no entries. */
  readonly unreadable: number;
}

/** @param knownKeys SHA-256 of the keys that an auditor knows on another way */
export function gatewayReports({ head, gateways }: Evidence, knownKeys: readonly string[]): readonly GatewayReport[] {
  return (head.gateways ?? []).map(({ name, publicKeys, from, through, unreadable }, at) => {
    const said = { from, through };
    return { name, unreadable, ...verifyEvidence(gateways[at] ?? [], { publicKeys, knownKeys, said }) };
  });
}

export function isSound({ findings, unreadable }: GatewayReport): boolean {
  return findings.length === 0 && unreadable === 0;
}

export function gatewayFindingWords(finding: EvidenceFinding): string {
  switch (finding.kind) {
    case 'not-signed':
      return `entry ${finding.sequence}: the signature is none of the key ${finding.key} over what stands before it`;
    case 'unsigned-end':
      return `entries ${finding.sequence} to ${finding.through} are not signed: no checkpoint comes after them`;
    case 'other-key':
      return `entry ${finding.sequence} is signed by ${finding.key}, which is none of the keys that were given`;
    default:
      return findingWords(finding);
  }
}

export function gatewayText(report: GatewayReport, paint: Paint): string {
  const { name, entries, from, through, hash, keys, findings, gaps, unreadable, others } = report;
  const verdict = isSound(report) ? paint.good('sound') : paint.bad('not as it was written');
  const listed = (words: string): string[] =>
    wrap(printable(words), columns - 3).map((line, at) => `${at === 0 ? ' - ' : '   '}${line}`);
  return [
    '',
    ` gateway ${printable(name)}  ${verdict}: ${entries} entries, ${from} to ${through}; ${others} about others`,
    ` head ${through}  ${hash}`,
    ...keys.map((key) => ` key  ${key}`),
    ...table(report),
    ...gaps.flatMap(({ sinceMs, untilMs, reason, lost }) =>
      listed(
        `not known from ${toRfc3339(sinceMs)} to ${toRfc3339(untilMs)}: ${reason}${lost === 0 ? '' : `; ${lost} decisions are lost`}`,
      ),
    ),
    ...(unreadable === 0 ? [] : listed(`${unreadable} lines of its files were no entries`)),
    ...findings.flatMap((finding) => listed(gatewayFindingWords(finding))),
  ].join('\n');
}

/** The first eight characters of a thumbprint tell certificates of one partner apart; all of it is in the file, and in --json. */
function table({ decisions }: GatewayReport): readonly string[] {
  // For those alone who come through a proxy.
  const isVia = decisions.some(({ via }) => via !== undefined);
  const rows = decisions.map(({ route = '-', thumbprint = '-', decision, code, count, firstMs, lastMs, via = '-' }) => [
    ...[route, thumbprint.slice(0, 8), `${decision}${code === undefined ? '' : ` ${code}`}`, String(count)],
    ...[shortTime(firstMs), shortTime(lastMs), ...(isVia ? [via] : [])],
  ]);
  if (rows.length === 0) return [' no decision about this partner'];
  const all = [['ROUTE', 'CERT', 'DECISION', 'COUNT', 'FIRST', 'LAST', ...(isVia ? ['VIA'] : [])], ...rows];
  const widths = (all[0] ?? []).map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all.map((row) => ` ${printable(row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))}`.trimEnd());
}

function shortTime(ms: number): string {
  return toRfc3339(ms).slice(0, 16).replace('T', ' ');
}
