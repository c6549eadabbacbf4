/** Backups made and restored while the process is ended, or the disk fails, between any two of their writes. `npm run disk` takes each step and each fault. */
import { after, before, test } from 'node:test';
import { type Folder, temporaryFolder } from '../command.ts';
import { type BackedUpHouse, backedUpHouse, backingUp, restoring } from './backed-up-house.ts';
import { all, failedAt, killedAt, stepsOf } from './errand.ts';
import { noFailingDisk } from './failing-disk.ts';

let folder: Folder;
let house: BackedUpHouse;
const skip = noFailingDisk;

before(async () => {
  folder = await temporaryFolder();
  if (skip === undefined) house = await backedUpHouse(folder.path);
});

after(() => folder.remove());

for (const errand of [backingUp(() => house), restoring(() => house)]) {
  test(`${errand.name} killed at each step`, { skip, timeout: 900_000 }, async (t) => {
    const steps = await stepsOf(errand);
    for (const step of steps) {
      await t.test(`before: ${step.name}`, () => killedAt(errand, step, 'die'));
      const half = step.name.startsWith('write');
      if (all || half)
        await t.test(`${half ? 'within' : 'after'}: ${step.name}`, () => killedAt(errand, step, 'die-half'));
    }
  });

  test(`${errand.name} on a disk that fails at each step`, { skip, timeout: 900_000 }, async (t) => {
    const steps = (await stepsOf(errand)).filter(({ name }) => !name.startsWith('unlink'));
    for (const [index, step] of steps.entries()) {
      for (const hit of [
        { act: 'fail-once', error: 'EIO' },
        { act: 'fail-on', error: 'ENOSPC' },
      ] as const) {
        // In the short run the one and the other in turn.
        if (!all && (index % 2 === 0) !== (hit.error === 'EIO')) continue;
        await t.test(`${hit.error}: ${step.name}`, async (u) => {
          // A sync that fails is taken back by a rename, which a disk that is merely full does not refuse.
          const act = step.name.startsWith('fsync') ? 'fail-once' : hit.act;
          u.diagnostic(await failedAt(errand, step, { ...hit, act }));
        });
      }
    }
  });
}
