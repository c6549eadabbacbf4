import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { noSmallDisk, smallDisk } from '../fixtures/small-disk.ts';
import { startHouse } from './server-house.ts';

test(
  'a full disk: refused with its cause, nothing signed that is not recorded, and it goes on by itself when there is room',
  { skip: noSmallDisk },
  async (t) => {
    const disk = smallDisk(t, '2m');
    const house = await startHouse(t, { dir: disk, heartbeatMs: 200 });
    const tokens = await Promise.all([house.token(['before']), house.token(['during']), house.token(['after'])]);
    const web = await house.service('web');
    const ballast = join(disk, 'ballast');
    const free = statfsSync(disk);
    // tmpfs refuses what does not fit in the middle of the write; so does the last block of any disk.
    await writeFile(ballast, new Uint8Array(free.bavail * free.bsize)).catch(() => undefined);
    const [, during, after] = tokens;
    const privateKey = generatePrivateKey('P-256');
    for (let attempt = 0; attempt < 20; attempt++) {
      await assert.rejects(enroll({ token: during, privateKey }), (error) => {
        assert.ok(isRefusal(error));
        assert.equal(error.code, 'CS-STORE-004');
        assert.match(error.remedy, /room/);
        return true;
      });
    }
    await assert.rejects(house.local.createToken({ names: ['late'], lifeSeconds: 60 }), { code: 'CS-STORE-004' });
    await assert.rejects(house.local.revoke({ name: 'web' }), { code: 'CS-STORE-004' });
    // What asks only is answered.
    const listed = await house.local.listCertificates({});
    assert.equal(listed.certificates.filter(({ names }) => names.includes('during')).length, 0);
    await rm(ballast);
    const held = await enroll({ token: during, privateKey });
    assert.equal((await enroll({ token: during, privateKey })).leaf.serialNumber, held.leaf.serialNumber);
    await enroll({ token: after, privateKey: generatePrivateKey('P-256') });
    const answer = await house.local.revoke({ name: 'web' });
    assert.deepEqual(answer.serials, [web.leaf.serialNumber]);
    const again = await house.restart();
    const certificates = (await again.local.listCertificates({})).certificates;
    assert.equal(certificates.filter(({ names }) => names.includes('during')).length, 1);
    assert.equal(new Set(certificates.map(({ serial }) => serial)).size, certificates.length);
  },
);
