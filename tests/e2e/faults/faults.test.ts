/** Each fault of the table, brought about for real: what is said, with which status and which remedy, and that nothing is lost by it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { entryOf } from '../../../packages/countersign/src/ground/errors/index.ts';
import { type Folder, startAuthority, temporaryFolder } from '../command.ts';
import type { Fault } from './fault.ts';
import { House, makeStopped } from './house.ts';
import type { Met } from './met.ts';
import { faults } from './table.ts';

let folder: Folder;
let house: House;

before(async () => {
  folder = await temporaryFolder();
  house = new House(folder, await startAuthority(folder.in('running')), await makeStopped(folder.in('stopped')));
});

after(async () => {
  await house.authority.stop();
  await folder.remove();
});

test('every fault of the table', { concurrency: 2, timeout: 400_000 }, async (t) => {
  await Promise.all(
    faults
      .filter(({ name }) => new RegExp(process.env['COUNTERSIGN_FAULTS'] ?? '').test(name))
      .map((fault) =>
        t.test(fault.name, { skip: fault.skip?.() }, async () => {
          const found = await fault.meet(house);
          try {
            requireSaid(fault, found);
          } finally {
            await fault.after(house);
          }
        }),
      ),
  );
});

function requireSaid({ code, status, words, remedy }: Fault, found: Met): void {
  const { text } = found;
  assert.deepEqual([found.code, found.status], [code, status], text);
  // As it was wrapped for 80 columns, in one line again.
  const flat = text.replaceAll(/\s+/g, ' ');
  for (const word of words) assert.match(flat, word);
  if (code !== undefined) assert.ok(flat.includes(entryOf(code).remedy), 'the remedy is told');
  if (remedy !== undefined) assert.match(flat, remedy);
  assert.ok(!/\n\s+at /.test(text), 'a stack is for COUNTERSIGN_DEBUG');
}
