/** The authority started, and its keys put under a passphrase, while the process is ended or the disk fails between any two of its writes. `npm run disk` takes each. */
import { after, before, test } from 'node:test';
import { type Folder, temporaryFolder } from '../command.ts';
import { type BackedUpHouse, backedUpHouse } from './backed-up-house.ts';
import { all, failedAt, killedAt, stepsOf } from './errand.ts';
import { noFailingDisk } from './failing-disk.ts';
import { encrypting, startingAgain, startingFirst } from './served-house.ts';

let folder: Folder;
let house: BackedUpHouse;
const skip = noFailingDisk;

before(async () => {
  folder = await temporaryFolder();
  if (skip === undefined) house = await backedUpHouse(folder.path);
});

after(() => folder.remove());

for (const errand of [startingFirst, startingAgain(() => house), encrypting(() => house)]) {
  test(`${errand.name} on a disk that fails at each step`, { skip, timeout: 1_200_000 }, async (t) => {
    const steps = (await stepsOf(errand)).filter(({ name }) => !name.startsWith('unlink'));
    for (const [index, step] of steps.entries()) {
      for (const hit of [
        { act: 'fail-once', error: 'EIO' },
        { act: 'fail-on', error: 'ENOSPC' },
      ] as const) {
        if (!all && (index % 2 === 0) !== (hit.error === 'EIO')) continue;
        await t.test(`${hit.error}: ${step.name}`, async (u) => {
          u.diagnostic(await failedAt(errand, step, hit));
        });
      }
    }
  });

  test(
    `${errand.name} killed at each step`,
    { skip: skip ?? (all ? false : 'npm run disk'), timeout: 1_200_000 },
    async (t) => {
      for (const step of await stepsOf(errand)) {
        await t.test(`before: ${step.name}`, () => killedAt(errand, step, 'die'));
        await t.test(`within or after: ${step.name}`, () => killedAt(errand, step, 'die-half'));
      }
    },
  );
}
