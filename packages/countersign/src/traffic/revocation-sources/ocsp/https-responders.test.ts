/** A responder that a certificate names by https is never asked: beside one by http it is passed over, alone it leaves the certificate not known. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, test } from 'node:test';

import { testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import {
  answer,
  leafNaming,
  pathOf,
  startResponder,
  type TestResponder,
} from '../../../../../../tests/fixtures/ocsp-scene.ts';
import { manualClock } from '../../../ground/clock/index.ts';
import type { CertificateStatus } from '../../../runtime/tls/index.ts';
import { openOcsp } from './open-ocsp.ts';

let responder: TestResponder;
let connections = 0;
const secure = createServer((socket) => {
  connections++;
  socket.destroy();
});
before(async () => {
  responder = await startResponder();
  await once(secure.listen(0, '127.0.0.1'), 'listening');
});
after(() => {
  secure.close();
  return responder.close();
});

async function statusOf(leaf: ReturnType<typeof leafNaming>, staple?: Uint8Array): Promise<CertificateStatus> {
  const check = openOcsp({ clock: manualClock(testMoment), privateRanges: 'allow', requireResponder: false });
  const question = { path: pathOf(leaf), trustDomain: 'test.example', at: testMoment, staple };
  await check.fetchFor(question, new AbortController().signal);
  const [status] = check.ask(question);
  check.close();
  assert.ok(status !== undefined);
  return status;
}

const secureUrl = (): string => `HTTPS://127.0.0.1:${String((secure.address() as AddressInfo).port)}/`;

test('alone: not known, with the reason; what is stapled counts', async () => {
  const leaf = leafNaming(secureUrl());
  const status = await statusOf(leaf);
  assert.ok(status.status === 'undetermined', status.status);
  assert.deepEqual([status.refusal.code, status.refusal.evidence['rule']], ['CS-FETCH-007', 'not http']);
  assert.equal((await statusOf(leaf, answer({ of: leaf }))).status, 'good');
  assert.equal(connections, 0);
});

test('before one by http: that one is asked at once', async () => {
  const leaf = leafNaming(secureUrl(), { otherUrl: responder.url });
  responder.says(() => answer({ of: leaf }));
  assert.equal((await statusOf(leaf)).status, 'good');
  assert.deepEqual([responder.asked.length, connections], [1, 0]);
});
