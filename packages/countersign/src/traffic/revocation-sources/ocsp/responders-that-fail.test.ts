/** The whole way over real sockets: the retriever's bounds as OCSP sets them. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';

import { testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import {
  answer,
  leafNaming,
  pathOf,
  type Said,
  startResponder,
  type TestResponder,
} from '../../../../../../tests/fixtures/ocsp-scene.ts';
import { manualClock, type ManualClock } from '../../../ground/clock/index.ts';
import type { CertificateStatus, StatusQuestion } from '../../../runtime/tls/index.ts';
import type { OcspOptions } from './ocsp-options.ts';
import { type OpenOcsp, openOcsp } from './open-ocsp.ts';

let responder: TestResponder;
before(async () => {
  responder = await startResponder();
});
after(() => responder.close());

interface Asked {
  readonly clock: ManualClock;
  readonly check: OpenOcsp;
  readonly question: StatusQuestion;
  readonly fetching: Promise<void> | undefined;
  status(): CertificateStatus | undefined;
}

function ask(options: Partial<OcspOptions> = {}): Asked {
  const clock = manualClock(testMoment);
  const check = openOcsp({ clock, privateRanges: 'allow', ...options });
  const holder = leafNaming(responder.url);
  const question = { path: pathOf(holder), trustDomain: 'test.example', at: testMoment };
  last = holder;
  return {
    clock,
    check,
    question,
    fetching: check.fetchFor(question, new AbortController().signal),
    status: () => check.ask(question)[0],
  };
}

let last = leafNaming('http://unused.example');

function codeOf(status: CertificateStatus | undefined): string {
  return status !== undefined && 'refusal' in status
    ? `${status.status} ${status.refusal.code}`
    : String(status?.status);
}

test('a right answer by GET, and a crowd that asks once', async () => {
  responder.says(() => answer({ of: last }));
  const before = responder.asked.length;
  const { check, question, fetching, status } = ask();
  const others = Array.from({ length: 99 }, () => check.fetchFor(question, new AbortController().signal));
  await fetching;
  for (const other of others) await other;
  assert.equal(codeOf(status()), 'good');
  const asked = responder.asked.slice(before);
  assert.deepEqual(asked, [{ method: 'GET', serial: last.certificate.serialNumber, hash: 'SHA-1', nonce: undefined }]);
});

test('by POST with a nonce', async () => {
  responder.says(({ nonce }) => answer({ of: last, nonce }));
  const { fetching, status } = ask({ nonce: true });
  await fetching;
  assert.equal(codeOf(status()), 'good');
  assert.equal(responder.asked.at(-1)?.method, 'POST');
});

const endless = (response: ServerResponse): void => {
  const more = (): void => {
    if (response.destroyed) return;
    if (response.write(Buffer.alloc(64 * 1024))) setImmediate(more);
    else response.once('drain', more);
  };
  response.writeHead(200);
  more();
};

const brokenOff = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-length': 900 }).write('a', () => void response.destroy());
};

const wrong: readonly (readonly [string, Said, string])[] = [
  ['HTML', (r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello'), 'CS-FETCH-008'],
  ['an error', (r) => void r.writeHead(503).end(), 'CS-FETCH-004'],
  ['100 MB', (r) => r.writeHead(200, { 'content-length': 100_000_000 }).flushHeaders(), 'CS-FETCH-003'],
  ['what never ends', endless, 'CS-FETCH-003'],
  ['what is broken off', brokenOff, 'CS-FETCH-009'],
  ['a circle of redirects', (r) => void r.writeHead(302, { location: responder.url }).end(), 'CS-FETCH-005'],
  ['another scheme', (r) => void r.writeHead(302, { location: 'file:///etc/passwd' }).end(), 'CS-FETCH-005'],
  ['nothing', new Uint8Array(), 'CS-DER-001'],
  ['half an answer', answer({ of: last }).subarray(0, 200), 'CS-DER-001'],
];

for (const [name, said, code] of wrong) {
  test(`${name} leaves the status open`, async () => {
    responder.says(({ method }) => (method === 'GET' ? said : new Uint8Array()));
    const { fetching, status, check } = ask();
    await fetching;
    assert.equal(codeOf(status()), `undetermined ${code}`);
    check.close();
  });
}

test('who hangs is given up, before the head and in the body', async () => {
  const hangs: Said[] = [() => undefined, (response) => void response.writeHead(200).write('a')];
  for (const said of hangs) {
    responder.says(() => said);
    const times = responder.asked.length + 1;
    const { clock, fetching, status } = ask({ perFetchTimeoutMs: 3_000 });
    await responder.heard(times);
    assert.equal(codeOf(status()), 'undetermined CS-OCSP-021');
    clock.advance(3_000);
    await fetching;
    assert.equal(codeOf(status()), 'undetermined CS-FETCH-002');
  }
});

test('addresses of private ranges are not asked unless that is allowed', async () => {
  const before = responder.asked.length;
  const { fetching, status } = ask({ privateRanges: 'refuse' });
  await fetching;
  assert.equal(codeOf(status()), 'undetermined CS-FETCH-006');
  assert.equal(responder.asked.length, before);
});

test('closed in the middle of it', async () => {
  responder.says(() => () => undefined);
  const times = responder.asked.length + 1;
  const { check, fetching, clock } = ask();
  await responder.heard(times);
  check.close();
  await fetching;
  assert.equal(clock.pending, 0);
});
