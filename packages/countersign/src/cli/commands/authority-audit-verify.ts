/** `authority audit verify`: the log is as it was written, or which entry is not. */
import { ChainVerifier, type AuditReport } from '../../runtime/audit/index.ts';
import { pagesOf, type AuditLog, withAuditLog } from '../audit/audit-log.ts';
import { findingWords } from '../audit/finding-words.ts';
import { readWitnesses, type WitnessFile } from '../audit/witness-files.ts';
import type { Call } from '../call.ts';
import type { Output } from '../output/output.ts';
import { columns, wrap } from '../text/wrap.ts';

interface Verified extends AuditReport {
  /** Those of this authority. */
  readonly witnesses: readonly WitnessFile[];
  readonly strangers: readonly WitnessFile[];
}

export async function run(call: Call): Promise<number> {
  const { output, options } = call;
  const files = await readWitnesses(options.texts('witness'));
  const verified = await withAuditLog(call, (log) => verify(log, files, output));
  const { entries, head, findings, erased, leftOut, witnesses, strangers } = verified;
  for (const finding of findings) output.event('finding', { ...finding, words: findingWords(finding) });
  output.say(text(verified, output));
  output.result({
    ...{ sound: findings.length === 0, entries, sequence: head.sequence, hash: head.hash, erased, leftOut },
    ...{ findings: findings.length, witnesses: witnesses.length, strangers: strangers.map(({ name }) => name) },
  });
  return findings.length === 0 ? 0 : 1;
}

async function verify(log: AuditLog, files: readonly WitnessFile[], output: Output): Promise<Verified> {
  const first = await log.read(1, 1);
  // What the database itself counts is a witness without a hash: of a removed end that nobody has covered up.
  const counter = { name: "the database's own count", sequence: first.counted };
  const verifier = new ChainVerifier({ witnesses: [...files, counter] });
  const roots = new Set<unknown>();
  let seen = 0;
  for await (const { entries } of pagesOf(log, 1)) {
    for (const entry of entries) {
      verifier.push(entry);
      if (entry.action === 'authority.start') roots.add(entry.facts['root']);
    }
    seen += entries.length;
    output.progress(`${seen} of ${first.head.sequence} entries`);
  }
  const report = verifier.end();
  const strangers = files.filter(({ authority }) => !roots.has(authority));
  const findings = report.findings.filter(
    (finding) => !('witness' in finding) || !strangers.some(({ name }) => name === finding.witness),
  );
  return { ...report, findings, witnesses: files.filter((file) => !strangers.includes(file)), strangers };
}

function text({ entries, head, findings, erased, leftOut, witnesses, strangers }: Verified, { paint }: Output): string {
  const agree = witnesses.length === 0 ? '' : `; ${witnesses.length} of ${witnesses.length} witnesses agree`;
  const verdict = findings.length === 0 ? paint.good(`sound${agree}`) : paint.bad('not as it was written');
  return [
    ` ${verdict}: ${entries} entries${erased === 0 ? '' : `, ${erased} personal values erased`}`,
    ` head ${head.sequence}  ${head.hash}`,
    ...leftOut.map(({ sequence, through }) => ` left out by a restored backup: ${sequence} to ${through}`),
    ...strangers.flatMap(({ name }) => lines(`not a witness of this authority: ${name}`)),
    ...findings.flatMap((finding) => lines(findingWords(finding))),
  ].join('\n');
}

function lines(words: string): string[] {
  return wrap(words, columns - 3).map((line, at) => `${at === 0 ? ' - ' : '   '}${line}`);
}
