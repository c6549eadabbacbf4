import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { Agent } from 'undici';

import { manualClock, systemClock, toRfc3339 } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { isRefusal, type Refusal, toProblemDocument, Refusal as RefusalClass } from '../../ground/errors/index.ts';
import {
  basicConstraintsExtension,
  encodeName,
  encodeSigned,
  encodeTbsCertificate,
} from '../../identity/x509/index.ts';
import { socketPath } from '../config/index.ts';
import { generatePrivateKey, sha256Hex } from '../cryptography/index.ts';
import {
  authorityStatus,
  exchange,
  localSocketName,
  meetAuthority,
  openLocalAuthority,
  requireCloseClocks,
  saidByAuthority,
  startDeadline,
  type Answer,
  type AuthorityStatus,
} from './index.ts';
import { parseHttpDate } from './http-date.ts';

const status: AuthorityStatus = {
  url: 'https://127.0.0.1:7443',
  root: 'ab'.repeat(32),
  trustDomain: 'dev.internal',
  persons: { issuer: 1, root: 1 },
  pid: 7,
};

async function listening(t: TestContext, server: Server, path?: string): Promise<number> {
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return path === undefined ? (server.address() as AddressInfo).port : 0;
}

async function ask(t: TestContext, handler: RequestListener, sender?: 'stranger'): Promise<Answer<AuthorityStatus>> {
  const port = await listening(t, createServer(handler));
  const dispatcher = new Agent();
  t.after(() => dispatcher.destroy());
  const deadline = startDeadline(systemClock);
  t.after(() => deadline.cancel());
  return exchange(authorityStatus, {}, { dispatcher, url: `http://127.0.0.1:${String(port)}` }, deadline, sender);
}

async function refusal(promise: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await promise.then(
    () => assert.fail('not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(isRefusal(error), String(error));
  return error;
}

test('an answer comes with its value and the clock of who gave it', async (t) => {
  const { value, date } = await ask(t, (_, response) =>
    response.setHeader('date', 'Fri, 15 Jan 2027 08:00:00 GMT').end(JSON.stringify({ ...status, newer: 1 })),
  );
  assert.deepEqual(value, status);
  assert.equal(date, 1_800_000_000_000);
});

test("a problem document is the authority's refusal; from a stranger it is nothing", async (t) => {
  const said = toProblemDocument(new RefusalClass('CS-TOKEN-002', { expired: 'then', now: 'now' }));
  const handler: RequestListener = (_, response) => response.writeHead(403).end(JSON.stringify(said));
  const refused = await refusal(ask(t, handler));
  assert.equal(refused.code, 'CS-TOKEN-002');
  assert.deepEqual(refused.evidence, { expired: 'then', now: 'now' });
  assert.ok(saidByAuthority(refused));
  const fromStranger = await refusal(ask(t, handler, 'stranger'));
  assert.equal(fromStranger.code, 'CS-NET-003');
  assert.ok(!saidByAuthority(fromStranger));
});

test('whatever is not the answer of an authority is named', async (t) => {
  const bad: [RequestListener, RegExp][] = [
    [(_, response) => response.writeHead(502).end('<html>'), /no answer of an authority/],
    [(_, response) => response.writeHead(404).end('{"code":"CS-NO-SUCH"}'), /no answer of an authority/],
    [(_, response) => response.writeHead(302, { location: '/' }).end(), /no answer of an authority/],
    [(_, response) => response.end('hello'), /not the JSON/],
    [(_, response) => response.end(JSON.stringify({ ...status, root: 'x' })), /root/],
    [(_, response) => response.end(Buffer.alloc(2 ** 21, 0x20)), /more than 1048576 bytes/],
  ];
  for (const [handler, problem] of bad) {
    const refused = await refusal(ask(t, handler));
    assert.equal(refused.code, 'CS-NET-003');
    assert.match(String(refused.evidence['problem']), problem);
    assert.equal(refused.exit, 3);
  }
});

test('a connection that breaks off is a network failure', async (t) => {
  assert.equal((await refusal(ask(t, (_, response) => response.destroy()))).code, 'CS-NET-001');
});

test('silence ends after 9 seconds, before the headers and within the body', async (t) => {
  for (const begin of [false, true]) {
    const clock = manualClock(0);
    const deadline = startDeadline(clock);
    const dispatcher = new Agent();
    t.after(() => dispatcher.destroy());
    const asked = Promise.withResolvers<undefined>();
    const port = await listening(
      t,
      createServer((_, response) => {
        if (begin) response.write('{');
        asked.resolve(undefined);
      }),
    );
    const answer = refusal(
      exchange(authorityStatus, {}, { dispatcher, url: `http://127.0.0.1:${String(port)}` }, deadline),
    );
    await asked.promise;
    clock.advance(8_999);
    clock.advance(1);
    const refused = await answer;
    assert.equal(refused.code, 'CS-NET-002');
    assert.equal(refused.evidence['limitMs'], 9_000);
  }
});

test("the caller's own signal ends it with the caller's reason", async (t) => {
  const controller = new AbortController();
  const deadline = startDeadline(systemClock, 60_000, controller.signal);
  t.after(() => deadline.cancel());
  const dispatcher = new Agent();
  t.after(() => dispatcher.destroy());
  const port = await listening(
    t,
    createServer(() => controller.abort(new RangeError('mine'))),
  );
  await assert.rejects(
    exchange(authorityStatus, {}, { dispatcher, url: `http://127.0.0.1:${String(port)}` }, deadline),
    RangeError,
  );
});

test('dates are read in the one form that may be sent', () => {
  assert.equal(parseHttpDate('Fri, 15 Jan 2027 08:00:00 GMT'), 1_800_000_000_000);
  for (const text of [
    undefined,
    '',
    'Friday, 15-Jan-27 08:00:00 GMT',
    'Fri, 31 Feb 2027 08:00:00 GMT',
    'Fri, 15 Foo 2027 08:00:00 GMT',
  ]) {
    assert.equal(parseHttpDate(text), undefined);
  }
});

test('clocks more than five minutes apart are named, with the side that is ahead', () => {
  const here = 1_800_000_000_000;
  requireCloseClocks(here, here + 300_000);
  const apart = (there: number): Record<string, unknown> => {
    try {
      requireCloseClocks(here, there);
    } catch (error) {
      assert.ok(isRefusal(error));
      assert.equal(error.code, 'CS-CLOCK-001');
      return { ...error.evidence };
    }
    return assert.fail('not refused');
  };
  const hour = 3_600_000;
  assert.deepEqual(apart(here + hour), {
    apart: '1 h',
    ahead: "the authority's clock",
    here: toRfc3339(here),
    authority: toRfc3339(here + hour),
  });
  assert.equal(apart(here - 301_000)['ahead'], "this machine's clock");
  assert.equal(apart(here - 25 * hour - 300_000)['apart'], '1 d 1 h 5 min');
});

/** A server with a self-signed certificate, which also is its root: nothing vouches for it but a pin. */
async function stranger(
  t: TestContext,
  answer: (root: string) => unknown,
): Promise<{ url: string; rootSha256: string }> {
  const key = generatePrivateKey('P-256');
  const name = encodeName({ commonName: 'stranger' });
  const tbs = encodeTbsCertificate({
    serialNumber: Uint8Array.of(1),
    signatureAlgorithm: key.signatureAlgorithm,
    issuer: name,
    subject: name,
    notBefore: 0,
    notAfter: systemClock.now() + 3_600_000,
    publicKey: key.publicKey.raw,
    extensions: [basicConstraintsExtension({ ca: true })],
  });
  const der = encodeSigned(tbs, key.signatureAlgorithm, key.sign(tbs));
  const cert = encodePem('CERTIFICATE', der);
  const port = await listening(
    t,
    createTlsServer({ cert, key: key.toPem() }, (_, response) => response.end(JSON.stringify(answer(cert)))),
  );
  return { url: `https://127.0.0.1:${String(port)}`, rootSha256: sha256Hex(der) };
}

test('first contact believes the pinned root and nothing else', async (t) => {
  const authority = await stranger(t, (root) => ({ trustDomain: 'dev.internal', roots: [root] }));
  const deadline = startDeadline(systemClock);
  t.after(() => deadline.cancel());
  const met = await meetAuthority(authority, systemClock, deadline);
  assert.equal(sha256Hex(met.root.raw), authority.rootSha256);
  assert.equal(met.bundles.get('dev.internal')?.anchors.length, 1);
  const wrong = await refusal(meetAuthority({ ...authority, rootSha256: 'ab'.repeat(32) }, systemClock, deadline));
  assert.equal(wrong.code, 'CS-PIN-001');
  assert.deepEqual(wrong.evidence, { address: authority.url, expected: 'ab'.repeat(32), found: authority.rootSha256 });
  const hourLater = manualClock(systemClock.now() + 3_600_000);
  const skewed = await refusal(meetAuthority(authority, hourLater, deadline));
  assert.equal(skewed.code, 'CS-CLOCK-001');
  assert.equal(skewed.evidence['ahead'], "this machine's clock");
});

test('first contact with roots that are none, or with a port that speaks no TLS, is named', async (t) => {
  const deadline = startDeadline(systemClock);
  t.after(() => deadline.cancel());
  const garbage = await stranger(t, () => ({ trustDomain: 'dev.internal', roots: ['-----BEGIN'] }));
  assert.equal((await refusal(meetAuthority(garbage, systemClock, deadline))).code, 'CS-NET-003');
  const port = await listening(t, createServer());
  const plain = { url: `https://127.0.0.1:${String(port)}`, rootSha256: 'ab'.repeat(32) };
  assert.equal((await refusal(meetAuthority(plain, systemClock, deadline))).code, 'CS-NET-003');
});

test('nothing secret is sent at first contact, and no certificate', async (t) => {
  let heard = '';
  const tcp = createTcpServer((socket) =>
    socket.on('data', (data) => ((heard += data.toString('latin1')), socket.destroy())),
  );
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  t.after(() => tcp.close());
  const deadline = startDeadline(systemClock);
  t.after(() => deadline.cancel());
  const { port } = tcp.address() as AddressInfo;
  const url = `https://127.0.0.1:${String(port)}`;
  assert.equal(
    (await refusal(meetAuthority({ url, rootSha256: 'ab'.repeat(32) }, systemClock, deadline))).code,
    'CS-NET-001',
  );
  assert.equal(heard.charCodeAt(0), 0x16, 'a TLS handshake and nothing before it');
});

test('the authority of a state directory is asked over its socket, under any length of path', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(base, { recursive: true, force: true }));
  for (const directory of [base, join(base, 'd'.repeat(100))]) {
    await mkdir(directory, { recursive: true });
    const missing = openLocalAuthority(directory);
    const refused = await refusal(missing.status());
    assert.equal(refused.code, 'CS-NET-004');
    assert.equal(refused.exit, 3);
    assert.deepEqual(refused.evidence, { socket: join(directory, localSocketName), reason: 'ENOENT' });
    await missing.close();
    const path = socketPath(join(directory, localSocketName));
    await listening(
      t,
      createServer((request, response) => response.end(JSON.stringify(request.url === '/v1/status' ? status : {}))),
      path.path,
    );
    const local = openLocalAuthority(directory);
    assert.deepEqual(await local.status(), status);
    await local.close();
    path.release();
  }
});

test('what a revocation answers may be long: every certificate and every endpoint is named', async (t) => {
  const serials = Array.from({ length: 40_000 }, (_, index) => index.toString(16).toUpperCase().padStart(32, '0'));
  const answer = { serials, number: 1, enforced: 0, of: 0, ms: 0, unreachable: [], closed: 0 };
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const server = createServer((_, response) => response.end(JSON.stringify(answer)));
  await listening(t, server, join(directory, localSocketName));
  const local = openLocalAuthority(directory);
  t.after(() => local.close());
  assert.deepEqual(await local.revoke({ name: 'web' }), answer);
});
