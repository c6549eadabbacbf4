import assert from 'node:assert/strict';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { allowAnyPeer, spiffeId } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import { type Credential, createServer, fixedSource, Trust } from '../../runtime/tls/index.ts';
import { TestAuthority } from '../testing/index.ts';
import { generateLoad, type LoadPlan, type LoadTarget, type LoadTls, type LoadWorkload } from './index.ts';

const host = '127.0.0.1';
const clock = systemClock;
const authority = new TestAuthority();
const request = (http: 1 | 2, bodyBytes = 0): LoadWorkload => ({ requests: { http, path: '/', bodyBytes } });

async function listening(t: TestContext, server: Server): Promise<LoadTarget> {
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { tls: 'none', host, port: (server.address() as AddressInfo).port };
}

function trusting(): Trust {
  return new Trust({ bundles: fixedSource(authority.bundles()), revocations: fixedSource(withoutRevocation), clock });
}

function ownSide(credential: Credential = authority.issue('web')): LoadTls {
  return { policy: allowAnyPeer(), trust: trusting(), credentials: fixedSource(credential) };
}

async function mutualServer(t: TestContext): Promise<{ target: LoadTarget; seen: Set<string> }> {
  const seen = new Set<string>();
  const server = createServer(
    spiffeId(`spiffe://${authority.trustDomain}/web`),
    { trust: trusting(), credentials: fixedSource(authority.issue('orders')), clock },
    (asked, response) => {
      seen.add(`${asked.socket.remotePort}`);
      response.end('ok');
    },
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host, port: 0 });
  return { target: { tls: ownSide(), host, port }, seen };
}

const few = (target: LoadTarget, workload: LoadWorkload): LoadPlan => ({
  target,
  workload,
  connections: 2,
  pace: { closed: true },
  operations: 20,
});

test('handshakes: a new connection each time, and one the whole time for requests', async (t) => {
  const { target, seen } = await mutualServer(t);
  const fresh = await generateLoad(few(target, { handshakes: { path: '/' } }), { clock });
  assert.equal(fresh.operations, 20);
  assert.equal(fresh.failed, 0);
  assert.equal(seen.size, 20);
  assert.equal(fresh.bytes, 20 * 2);
  seen.clear();
  const kept = await generateLoad(few(target, request(1)), { clock });
  assert.deepEqual([kept.operations, kept.failed, seen.size], [20, 0, 2]);
  const alone = await generateLoad(few(target, { handshakes: 'alone' }), { clock });
  assert.deepEqual([alone.operations, alone.failed], [20, 0]);
});

test('a client whom the server refuses is counted as failed, by its code', async (t) => {
  const { target } = await mutualServer(t);
  const refused = { ...target, tls: ownSide(authority.issue('stranger')) };
  const report = await generateLoad({ ...few(refused, { handshakes: { path: '/' } }), operations: 4 }, { clock });
  assert.deepEqual([report.operations, report.failed, report.failures], [0, 4, { 'HTTP 403': 4 }]);
});

test('a server that is not who it should be is not spoken to', async (t) => {
  const { target } = await mutualServer(t);
  const tls = { ...ownSide(), policy: spiffeId(`spiffe://${authority.trustDomain}/other`) };
  await assert.rejects(
    generateLoad(few({ ...target, tls }, request(1)), { clock }),
    (error) => isRefusal(error) && error.code === 'CS-PEER-007',
  );
});

test('HTTP/2 and bytes, over mutual TLS and in the clear', async (t) => {
  const { chain, privateKey } = authority.issue('orders');
  const cert = chain.map((der) => encodePem('CERTIFICATE', der)).join('');
  const options = {
    cert,
    key: privateKey.toPem(),
    ca: encodePem('CERTIFICATE', authority.root.raw),
    requestCert: true,
  };
  const answer: RequestListener = (asked, response) => void asked.resume().on('end', () => response.end('four'));
  const secure = createSecureServer(options);
  secure.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('four');
  });
  const plain = createHttp2Server((asked, response) => {
    asked.resume().on('end', () => response.end('four'));
  });
  const echo = createTlsServer(options, (socket) => void socket.pipe(socket));
  const cases = [
    [{ ...(await listening(t, secure)), tls: ownSide() }, request(2), 80],
    [await listening(t, plain), request(2, 100_000), 80],
    [{ ...(await listening(t, echo)), tls: ownSide() }, { bytes: 50_000 }, 1_000_000],
    [await listening(t, createHttpServer(answer)), request(1, 100_000), 80],
  ] as const;
  for (const [target, workload, bytes] of cases) {
    const report = await generateLoad(few(target, workload), { clock });
    assert.deepEqual([report.operations, report.failed, report.bytes], [20, 0, bytes]);
  }
});

test('HTTP/2: statuses in each of their forms, bodies beyond every window, a stream and a session that the server ends', async (t) => {
  let turn = 0;
  const server = createHttp2Server({ settings: { initialWindowSize: 20_000 } });
  const kinds = [200, 201, 302, 404, 429, 503, 599];
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.resume().on('end', () => {
      const kind = kinds[turn];
      turn += 1;
      if (kind === undefined && turn % 2 === 0) stream.close(7);
      else if (kind === undefined) stream.session?.destroy();
      else {
        stream.additionalHeaders({ ':status': 103 });
        stream.respond({ ':status': kind, 'x-padding': 'x'.repeat(3000) }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ a: 'b' }));
        stream.end(Buffer.alloc(300_000));
      }
    });
  });
  const target = await listening(t, server);
  const plan = { ...few(target, request(2, 200_000)), connections: 1, operations: 11 };
  const report = await generateLoad(plan, { clock });
  assert.deepEqual([report.operations, report.bytes], [3, 900_000]);
  const expected = { 'HTTP 404': 1, 'HTTP 429': 1, 'HTTP 503': 1, 'HTTP 599': 1, 'RST_STREAM 7': 2, CLOSED: 2 };
  assert.deepEqual(report.failures, expected);
  const other = await listening(
    t,
    createHttpServer((_, response) => void response.end()),
  );
  const wrong = await generateLoad({ ...few(other, request(2)), operations: 1 }, { clock });
  assert.deepEqual(wrong.failures, { 'NO-HTTP': 1 });
});

test('answers in chunks, without a length, of another status, and cut off', async (t) => {
  const answers: Readonly<Record<string, string>> = {
    chunks: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na;x=y\r\n0123456789\r\n0\r\nT: x\r\n\r\n',
    length: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc',
    busy: 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n',
  };
  for (const size of [1, 7, 1000]) {
    for (const [kind, code] of [
      ['chunks', undefined],
      ['length', undefined],
      ['busy', 'HTTP 503'],
    ] as const) {
      const text = answers[kind] ?? '';
      const server = createTcpServer((socket) => {
        socket.setNoDelay(true).on('data', () => {
          for (let at = 0; at < text.length; at += size) socket.write(text.slice(at, at + size));
        });
      });
      const report = await generateLoad({ ...few(await listening(t, server), request(1)), operations: 6 }, { clock });
      assert.deepEqual(report.failures, code === undefined ? {} : { [code]: 6 }, `${kind} in ${size}`);
    }
  }
  const cut = createTcpServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na'));
  });
  const report = await generateLoad({ ...few(await listening(t, cut), request(1)), operations: 2 }, { clock });
  assert.deepEqual(report.failures, { CLOSED: 2 });
});

/** Answers at once, but for one second in which it does nothing. */
async function stalling(t: TestContext): Promise<LoadTarget> {
  let [stalled, stallEnds] = [false, 0];
  return listening(
    t,
    createHttpServer((_, response) => {
      if (stalled) return void setTimeout(() => response.end(), stallEnds - performance.now());
      response.end();
    }).once('connection', () => {
      setTimeout(() => (stalled = true), 400);
      setTimeout(() => (stalled = false), 1400);
      stallEnds = performance.now() + 1400;
    }),
  );
}

test('open loop: a server that stops for a second is seen to, also by those who could not ask', async (t) => {
  const plan = { workload: request(1), connections: 4, forMs: 1800 };
  const open = await generateLoad({ ...plan, target: await stalling(t), pace: { perSecond: 200 } }, { clock });
  assert.ok(open.latencyMs.p99 > 900, `p99 ${open.latencyMs.p99}`);
  assert.ok(open.operations >= 358 && open.operations <= 360, `${open.operations} operations`);
  const closed = await generateLoad({ ...plan, target: await stalling(t), pace: { closed: true } }, { clock });
  assert.ok(closed.latencyMs.p99 < 100 && closed.latencyMs.max > 900, 'a closed loop hides it, all but its maximum');
});

test('open loop: the pace is kept, and a silent server fails by name', async (t) => {
  const target = await listening(
    t,
    createHttpServer((_, response) => void response.end()),
  );
  const steady = await generateLoad(
    { target, workload: request(1), connections: 4, pace: { perSecond: 500 }, forMs: 1000 },
    { clock },
  );
  assert.equal(steady.operations, 500);
  assert.ok(Math.abs(steady.perSecond - 500) < 25, `${steady.perSecond} a second`);
  const silent = createTcpServer((socket) => void socket.resume());
  const report = await generateLoad(
    {
      target: await listening(t, silent),
      workload: request(1),
      connections: 1,
      pace: { perSecond: 10 },
      forMs: 500,
      timeoutMs: 300,
    },
    { clock },
  );
  assert.equal(report.operations, 0);
  assert.equal(report.failed, 5);
  assert.ok((report.failures['TIMEOUT'] ?? 0) >= 1);
});

test('an abort ends it with what there is', async (t) => {
  const target = await listening(
    t,
    createHttpServer((_, response) => void response.end()),
  );
  const ending = new AbortController();
  const plan: LoadPlan = { target, workload: request(1), connections: 1, pace: { closed: true }, forMs: 60_000 };
  setTimeout(() => ending.abort(), 300);
  const report = await generateLoad(plan, { clock, signal: ending.signal });
  assert.ok(report.operations > 0 && report.elapsedMs < 5000);
});

test('CPU time of a process is told, and one that is not there is named', async (t) => {
  const target = await listening(
    t,
    createHttpServer((_, response) => void response.end()),
  );
  const plan: LoadPlan = { target, workload: request(1), connections: 2, pace: { closed: true }, forMs: 300 };
  const { cpuUsPerOperation = 0 } = await generateLoad({ ...plan, cpuOf: process.pid }, { clock });
  assert.ok(cpuUsPerOperation > 0);
  await assert.rejects(
    generateLoad({ ...plan, cpuOf: 2 ** 30 }, { clock }),
    (error) => isRefusal(error) && error.code === 'CS-RUN-002',
  );
});
