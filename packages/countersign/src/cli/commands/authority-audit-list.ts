/** `authority audit list`: what was done, by whom, for people. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { type AuditEntry, toAuditLine } from '../../runtime/audit/index.ts';
import { pagesOf, withAuditLog } from '../audit/audit-log.ts';
import { actorWords, subjectWords } from '../audit/entry-words.ts';
import { sequenceSince } from '../audit/since.ts';
import type { Call } from '../call.ts';
import { table } from '../text/table.ts';

/** What a person looks at, where nothing else was asked for. */
const defaultEntries = 50;

export function run(call: Call): Promise<number> {
  const { output, options } = call;
  return withAuditLog(call, async (log) => {
    const since = options.text('since');
    const { head } = await log.read(1, 1);
    const from =
      since === undefined ? Math.max(1, head.sequence - defaultEntries + 1) : await sequenceSince(log, since);
    const shown: AuditEntry[] = [];
    let count = 0;
    for await (const { entries } of pagesOf(log, from)) {
      for (const entry of entries) output.event('entry', { ...toAuditLine(entry) });
      count += entries.length;
      if (!output.json) shown.push(...entries);
      if (output.closed) break;
    }
    if (!output.json) output.say(listing(shown, from));
    output.result({ count });
    return 0;
  });
}

/** Seven digits, a time, the longest action and two spaces after each leave so much of 80 columns. */
const longestActor = 26;

function listing(entries: readonly AuditEntry[], from: number): string {
  if (entries.length === 0) return ' no entries';
  const rows = entries.map((entry) => ({
    cells: [String(entry.sequence), toRfc3339(entry.atMs), entry.action, short(actorWords(entry))],
    below: subjectWords(entry),
  }));
  const note = from === 1 ? [] : [` entries before ${from} are not shown (--since 1)`];
  return [table(['NUMBER', 'TIME', 'ACTION', 'ACTOR'], rows), ...note].join('\n');
}

function short(text: string): string {
  return text.length <= longestActor ? text : `${text.slice(0, longestActor - 3)}...`;
}
