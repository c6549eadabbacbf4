/** What a running authority publishes, before the programs of others: they agree on what is good, revoked, held, released and was never issued. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gnutls } from './judges/gnutls.ts';
import { type Judge, otherShardList, type Verdict } from './judges/judge.ts';
import { type Judged, publishAndJudge, type Status, statuses } from './judges/judged.ts';
import { libraries } from './judges/libraries.ts';
import { openssl } from './judges/openssl.ts';
import { servers } from './judges/servers.ts';

const judges: readonly Judge[] = [...openssl, ...gnutls, ...libraries, ...servers];

let judged: Judged | undefined;
before(async () => {
  judged = await publishAndJudge();
});
after(() => judged?.close());

/** A list can't tell what was never issued from what is good: it says nothing of either. A hold is a revocation for who does not look at reasons. */
const expected: Readonly<Record<Judge['source'], Readonly<Record<Status, readonly Verdict[]>>>> = {
  lists: { good: ['good'], revoked: ['revoked'], held: ['revoked', 'held'], released: ['good'], unissued: ['good'] },
  responder: {
    good: ['good'],
    revoked: ['revoked'],
    held: ['revoked', 'held'],
    released: ['good'],
    unissued: ['unknown'],
  },
};

function row(name: string, verdicts: readonly string[]): string {
  return `${name.padEnd(54)}${verdicts.map((verdict) => verdict.padEnd(14)).join('')}`.trimEnd();
}

test('every judge says the same of each status', async (t) => {
  const wrong: string[] = [];
  t.diagnostic(row('', statuses));
  for (const { name, missing, source, judge } of judges) {
    if (missing !== false) {
      process.stderr.write(`SKIPPED: ${name}: ${missing}\n`);
      t.diagnostic(row(name, ['(absent)']));
      continue;
    }
    const verdicts = await judge(judged!, statuses);
    t.diagnostic(row(name, verdicts));
    for (const [at, status] of statuses.entries()) {
      const verdict = verdicts[at] ?? 'nothing';
      if (!expected[source][status].includes(verdict)) wrong.push(`${name}: ${verdict} of ${status}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('who heeds the scope of a list takes nothing from the list of another shard', async (t) => {
  for (const { name, missing, source, heedsScope, judge } of judges) {
    if (missing !== false || source !== 'lists' || !name.endsWith(', complete')) continue;
    const [verdict] = await judge(judged!, ['revoked'], otherShardList);
    t.diagnostic(row(name, [verdict ?? '']));
    // Whoever does not heed it must be given the complete list.
    assert.equal(verdict, heedsScope === true ? 'undetermined' : 'good', name);
  }
});
