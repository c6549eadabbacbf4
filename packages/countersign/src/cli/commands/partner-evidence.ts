/** `partner evidence`: what the audit log says of a partner, in a file whose entries can be verified without the authority. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';

import { encodePem } from '../../ground/encoding/index.ts';
import { parseRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { partnerId, partnerNameForm } from '../../identity/partners/index.ts';
import { EvidenceSelection, toAuditLine } from '../../runtime/audit/index.ts';
import { writeFailure } from '../../runtime/config/index.ts';
import { type GatewayEvidence, gatewayEvidence } from '../../traffic/gateway/index.ts';
import { type AuditLog, pagesOf, withAuditLog } from '../audit/audit-log.ts';
import type { EvidenceHead, EvidenceOfGateway } from '../audit/evidence-file.ts';
import { sequenceSince } from '../audit/since.ts';
import type { Call } from '../call.ts';

interface Question {
  readonly partner: string;
  readonly from: number;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly gateways: readonly string[];
  /** For gateways, whose numbers are their own. */
  readonly fromMs: number;
}

interface Written {
  readonly text: string;
  readonly head: EvidenceHead;
  readonly about: number;
  readonly gateways: readonly GatewayEvidence[];
}

export function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const [partner = ''] = call.arguments;
  if (!partnerNameForm.test(partner)) throw new Refusal('CS-PARTNER-004', { partner, nearest: 'none' });
  const file = options.needed('out');
  return withAuditLog(call, async (log) => {
    const until = options.time('to') ?? world.clock.now();
    const from = await sequenceSince(log, options.text('from'));
    const gateways = options.texts('gateway').map((folder) => resolve(world.workingDirectory, folder));
    const fromMs = parseRfc3339(options.text('from') ?? '') ?? 0;
    const collected = await collect(log, { partner, from, until, fromMs, gateways }, (seen) =>
      output.progress(`${String(seen)} entries`),
    );
    const { text, head, about } = collected;
    await writeNew(resolve(world.workingDirectory, file), file, text);
    const entries = Math.max(head.through - head.from + 1, 0);
    output.say(` ${file}: ${String(about)} entries about ${partner}, of ${String(entries)}`);
    for (const one of collected.gateways)
      output.say(` ${one.name}: ${String(one.about)} records about ${partner}, of ${String(one.entries.length)}`);
    output.hint(` whoever has it checks it with: countersign authority audit verify --evidence ${file}`);
    const told = collected.gateways.map(({ name, about, entries }) => ({ name, about, entries: entries.length }));
    output.result({ file, entries, about, from: head.from, through: head.through, gateways: told });
    return 0;
  });
}

/** From the first entry on, whatever the time: it is earlier ones that say which certificates are the partner's. */
async function collect(
  log: AuditLog,
  { partner, from, until, fromMs, gateways: folders }: Question,
  progress: (seen: number) => void,
): Promise<Written> {
  const hierarchy = await log.hierarchy();
  const trustDomain = hierarchy?.trustDomain ?? '';
  const spiffeId = partnerId(trustDomain, partner);
  const selection = new EvidenceSelection({ partner, spiffeId });
  const lines: string[] = [];
  let [about, through] = [0, from - 1];
  for await (const { entries } of pagesOf(log, 1)) {
    for (const one of entries) {
      const selected = selection.select(one);
      if (one.sequence < from || one.atMs > until) continue;
      // The whole of a time, without a hole in the chain: what a clock that went back has put outside of it is left out at its end alone.
      if (one.sequence !== through + 1 && lines.length > 0) continue;
      lines.push(JSON.stringify(toAuditLine(selected.entry)));
      about += selected.about ? 1 : 0;
      through = one.sequence;
    }
    progress(lines.length);
  }
  const gateways: GatewayEvidence[] = [];
  for (const folder of folders)
    gateways.push(await gatewayEvidence(folder, { partner, spiffeId, fromMs, untilMs: until }));
  gateways.forEach(({ entries }, gateway) => {
    for (const entry of entries) lines.push(JSON.stringify({ gateway, entry: toAuditLine(entry) }));
  });
  const roots = (hierarchy?.roots ?? []).map(({ raw }) => encodePem('CERTIFICATE', raw));
  const head: EvidenceHead = {
    ...({ evidence: 'countersign-audit', version: 1 } as const),
    ...{ partner, spiffeId, trustDomain, roots, from, through },
    ...(gateways.length === 0 ? {} : { gateways: gateways.map(headOfGateway) }),
  };
  return { text: `${[JSON.stringify(head), ...lines].join('\n')}\n`, head, about, gateways };
}

function headOfGateway({ name, publicKeys, entries, unreadable }: GatewayEvidence): EvidenceOfGateway {
  const [from = 0, through = 0] = [entries[0]?.sequence, entries.at(-1)?.sequence];
  return { name, publicKeys: [...publicKeys], from, through, unreadable };
}

async function writeNew(path: string, shown: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw writeFailure(error, shown);
  }
}
