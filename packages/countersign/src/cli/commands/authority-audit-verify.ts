/** `authority audit verify`: the log is as it was written, or which entry is not. */
import { Refusal } from '../../ground/errors/index.ts';
import { readCertificatesPem } from '../../identity/x509/index.ts';
import { ChainVerifier, type AuditReport } from '../../runtime/audit/index.ts';
import { pagesOf, type AuditLog, withAuditLog } from '../audit/audit-log.ts';
import { type Evidence, readEvidence } from '../audit/evidence-file.ts';
import {
  gatewayFindingWords,
  type GatewayReport,
  gatewayReports,
  gatewayText,
  isSound,
} from '../audit/gateway-report.ts';
import { findingWords } from '../audit/finding-words.ts';
import { readWitnesses, sortWitnesses, type UnprovenWitness, type WitnessFile } from '../audit/witness-files.ts';
import type { Call } from '../call.ts';
import type { Output } from '../output/output.ts';
import { columns, wrap } from '../text/wrap.ts';

interface Verified extends AuditReport {
  /** Those of this authority, with its signature. */
  readonly witnesses: readonly WitnessFile[];
  readonly unproven: readonly UnprovenWitness[];
  readonly strangers: readonly WitnessFile[];
  readonly gateways?: readonly GatewayReport[];
}

export async function run(call: Call): Promise<number> {
  const { output, options } = call;
  const files = await readWitnesses(options.texts('witness'));
  const evidence = options.text('evidence');
  const verified =
    evidence === undefined
      ? await withAuditLog(call, (log) => verify(log, files, output))
      : await verifyFile(await readEvidence(evidence, call.world), files, options.texts('gateway-key'));
  const { entries, head, findings, erased, leftOut, witnesses, unproven, strangers } = verified;
  const { gateways = [] } = verified;
  const sound = findings.length + unproven.length === 0 && gateways.every(isSound);
  for (const finding of findings) output.event('finding', { ...finding, words: findingWords(finding) });
  for (const { name, why } of unproven)
    output.event('finding', { kind: 'unproven', witness: name, why, words: unprovenWords({ name, why }) });
  for (const { name, findings: found } of gateways)
    for (const finding of found)
      output.event('finding', { gateway: name, ...finding, words: gatewayFindingWords(finding) });
  output.say([text(verified, output), ...gateways.map((one) => gatewayText(one, output.paint))].join('\n'));
  output.result({
    ...{ sound, entries, sequence: head.sequence, hash: head.hash, erased, leftOut },
    ...{ findings: findings.length + unproven.length, witnesses: witnesses.length },
    ...{ unproven: unproven.map(({ name }) => name), strangers: strangers.map(({ name }) => name), gateways },
  });
  return sound ? 0 : 1;
}

/** A part of a log, which begins anywhere. What a witness saw after its end says nothing of it. */
async function verifyFile(
  evidence: Evidence,
  files: readonly WitnessFile[],
  knownKeys: readonly string[],
): Promise<Verified> {
  const { head, entries } = evidence;
  const roots = head.roots.flatMap((pem) => readCertificatesPem(pem));
  const { witnesses, unproven, others } = sortWitnesses(files, { trustDomain: head.trustDomain, roots });
  const within = witnesses.filter(({ sequence }) => sequence >= head.from && sequence <= head.through);
  // What the file itself says of its length: lines that were cut off are missed.
  const said = { name: "the file's first line", sequence: head.through };
  const verifier = new ChainVerifier({ from: 'anywhere', witnesses: [...within, said] });
  const [first] = entries;
  if (first !== undefined && first.sequence !== head.from)
    throw new Refusal('CS-FILE-003', { path: said.name, place: 'from', problem: 'not the number of the first entry' });
  for (const entry of entries) verifier.push(entry);
  const gateways = gatewayReports(evidence, knownKeys);
  return { ...verifier.end(), witnesses: within, unproven, strangers: others, gateways };
}

async function verify(log: AuditLog, files: readonly WitnessFile[], output: Output): Promise<Verified> {
  const first = await log.read(1, 1);
  // What the database itself counts is a witness without a hash: of a removed end that nobody has covered up.
  const counter = { name: "the database's own count", sequence: first.counted };
  const { witnesses, unproven, others } = sortWitnesses(files, files.length === 0 ? undefined : await log.hierarchy());
  const verifier = new ChainVerifier({ witnesses: [...witnesses, counter] });
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
  const strangers = others.filter(({ authority }) => !roots.has(authority));
  const rootless = others
    .filter((file) => !strangers.includes(file))
    .map(({ name }) => ({ name, why: 'the root that it names is no longer here' }));
  return { ...report, witnesses, unproven: [...unproven, ...rootless], strangers };
}

function text(
  { entries, head, findings, erased, leftOut, witnesses, unproven, strangers }: Verified,
  { paint }: Output,
): string {
  const agree = witnesses.length === 0 ? '' : `; ${witnesses.length} of ${witnesses.length} witnesses agree`;
  const verdict =
    findings.length > 0
      ? paint.bad('not as it was written')
      : unproven.length > 0
        ? paint.bad('sound in itself; not every witness can be believed')
        : paint.good(`sound${agree}`);
  return [
    ` ${verdict}: ${entries} entries${erased === 0 ? '' : `, ${erased} personal values erased`}`,
    ` head ${head.sequence}  ${head.hash}`,
    ...leftOut.map(({ sequence, through }) => ` left out by a restored backup: ${sequence} to ${through}`),
    ...strangers.flatMap(({ name }) => lines(`not a witness of this authority: ${name}`)),
    ...unproven.flatMap((one) => lines(unprovenWords(one))),
    ...findings.flatMap((finding) => lines(findingWords(finding))),
  ].join('\n');
}

function unprovenWords({ name, why }: UnprovenWitness): string {
  return `${name} proves nothing: the authority has not signed what it says (${why})`;
}

function lines(words: string): string[] {
  return wrap(words, columns - 3).map((line, at) => `${at === 0 ? ' - ' : '   '}${line}`);
}
