import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { documentInTurns, yamlOptions } from './document-in-turns.ts';
import { readSettingsInTurns } from './written-settings.ts';

const many = (count: number): string =>
  Array.from({ length: count }, (_, at) => `  - { name: route-${at}, path: '/a/${at}/' } # ${at}\n`).join('');

test('a large document is taken apart in many turns, and others have theirs between', async () => {
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const read = await readSettingsInTurns(
    `routes:\n${many(4_000)}`,
    z.strictObject({ routes: z.array(z.strictObject({ name: z.string(), path: z.string() })) }),
  );
  over = true;
  assert.ok(turns > 20, String(turns));
  assert.ok('value' in read);
  assert.equal(read.value.routes.length, 4_000);
  assert.deepEqual(read.at(['routes', 3_999, 'name']), { line: 4_001, column: 13 });
});

for (const [what, text] of Object.entries({
  good: `# first\nroutes:\n${many(3)}other: |\n  text\n`,
  empty: '',
  'a key that is written twice': `a: 1\nb: 2\na: 3\n`,
  'two documents': 'a: 1\n---\nb: 2\n',
  broken: `a: [1,\nb: 2\n`,
  'an unknown tag': 'a: !what 1\n',
}))
  test(`in turns or at once a document is the same: ${what}`, async () => {
    const [lines, other] = [new LineCounter(), new LineCounter()];
    const inTurns = await documentInTurns(text, lines);
    const atOnce = parseDocument(text, { ...yamlOptions, lineCounter: other });
    const errorsOf = ({ errors, warnings }: typeof atOnce): unknown[] =>
      [...errors, ...warnings].map(({ code, pos }) => ({ code, pos }));
    assert.deepEqual(errorsOf(inTurns as typeof atOnce), errorsOf(atOnce));
    assert.deepEqual(lines.lineStarts, other.lineStarts);
    if (atOnce.errors.length === 0) assert.deepEqual(inTurns.toJS(), atOnce.toJS());
  });
