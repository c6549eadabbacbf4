import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { test, type TestContext } from 'node:test';
import { manualClock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { retrieve } from './retrieve.ts';
import type { Retrieved, RetrieveRequest } from './retrieve-request.ts';

const now = Date.UTC(2026, 5, 1, 12);
const clock = manualClock(now);

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function ask(url: string, more: Partial<RetrieveRequest> = {}): Promise<Retrieved> {
  return retrieve({ url, method: 'GET', mostBytes: 1000, timeoutMs: 60_000, privateRanges: 'allow', clock, ...more });
}

async function refusalOf(asked: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await asked.then(
    () => assert.fail('nothing was refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Refusal, String(error));
  return error;
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  return (await refusalOf(asked)).code;
}

const whole = Buffer.from('a list');

test('what is there is fetched, with what it says of itself, and asked for again only where it changed', async (t) => {
  const seen: IncomingMessage[] = [];
  const url = await serve(t, (request, response) => {
    seen.push(request);
    if (request.headers['if-none-match'] === '"7"')
      return response.writeHead(304, { 'cache-control': 'max-age=5' }).end();
    response.setHeader('etag', '"7"').setHeader('last-modified', 'Mon, 01 Jun 2026 11:00:00 GMT');
    return response.setHeader('cache-control', 'public, max-age=60').setHeader('age', '20').end(whole);
  });
  const fetched = await ask(`${url}/7.crl`, { headers: { 'x-more': '1' }, contentTypes: ['application/pkix-crl'] });
  assert.ok(fetched.kind === 'fetched');
  assert.deepEqual(Buffer.from(fetched.body), whole);
  assert.deepEqual(
    { ...fetched, body: 0 },
    { kind: 'fetched', body: 0, etag: '"7"', lastModified: 'Mon, 01 Jun 2026 11:00:00 GMT', mostAgeMs: 40_000 },
  );
  assert.equal(seen[0]?.headers['accept-encoding'], 'identity');
  assert.equal(seen[0].headers.accept, 'application/pkix-crl');
  assert.equal(seen[0].headers['x-more'], '1');
  assert.deepEqual(await ask(url, { validators: fetched }), { kind: 'notModified', mostAgeMs: 5000 });
  assert.equal(seen[1]?.headers['if-modified-since'], 'Mon, 01 Jun 2026 11:00:00 GMT');
});

test('a POST sends its body', async (t) => {
  const url = await serve(t, (request, response) => void request.pipe(response));
  const answer = await ask(url, {
    method: 'POST',
    body: whole,
    headers: { 'content-type': 'application/ocsp-request' },
  });
  assert.ok(answer.kind === 'fetched');
  assert.deepEqual(Buffer.from(answer.body), whole);
});

test('an answer that is no success, of another kind, or broken off is refused by name', async (t) => {
  const answers: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
    '500': (response) => response.writeHead(500).end('x'),
    '304': (response) => response.writeHead(304).end(),
    '206': (response) => response.writeHead(206, { 'content-range': 'bytes 0-0/2' }).end('x'),
    html: (response) => response.setHeader('content-type', 'Text/HTML; charset=utf-8').end('<html>'),
    gzip: (response) => response.setHeader('content-encoding', 'gzip').end('x'),
    closed: (response) => {
      response.write('half');
      response.socket?.end();
    },
    short: (response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nfour');
    },
    long: (response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nfour');
    },
    noHttp: (response) => {
      response.socket?.end('SSH-2.0-x\r\n');
    },
  };
  const url = await serve(t, ({ url: path = '' }, response) => void answers[path.slice(1)]?.(response));
  for (const [path, code] of Object.entries({
    '500': 'CS-FETCH-004',
    '304': 'CS-FETCH-004',
    '206': 'CS-FETCH-004',
    html: 'CS-FETCH-008',
    gzip: 'CS-FETCH-008',
    closed: 'CS-FETCH-009',
    short: 'CS-FETCH-009',
    noHttp: 'CS-FETCH-009',
  })) {
    assert.equal(await codeOf(ask(`${url}/${path}`)), code, path);
  }
  // What is beyond Content-Length is of nobody's answer.
  const long = await ask(`${url}/long`).catch((error: unknown) => error);
  assert.ok(long instanceof Refusal ? long.code === 'CS-FETCH-009' : (long as { body: Uint8Array }).body.length === 3);
  assert.equal(await codeOf(ask(`${url}/html`, { contentTypes: ['application/ocsp-response'] })), 'CS-FETCH-008');
});

test('a body is cut at its bound, whether it says its length or never ends', async (t) => {
  const mebibyte = Buffer.alloc(2 ** 20);
  let sent = 0;
  const url = await serve(t, ({ url: path }, response) => {
    if (path === '/said') response.setHeader('content-length', 100 * 2 ** 20);
    const more = (): void => {
      while (!response.destroyed && response.write(mebibyte)) sent++;
    };
    response.on('drain', more);
    more();
  });
  assert.equal(await codeOf(ask(`${url}/said`)), 'CS-FETCH-003');
  assert.equal(await codeOf(ask(`${url}/endless`, { mostBytes: 5 * 2 ** 20 })), 'CS-FETCH-003');
  assert.ok(sent < 100, String(sent));
});

test('a server that hangs before its answer or within it, or trickles, is left at the limit of time', async (t) => {
  const time = manualClock(now);
  const url = await serve(t, ({ url: path }, response) => {
    if (path === '/before') time.advance(1000);
    else response.write('a', () => time.advance(1000));
    if (path !== '/trickle') return;
    const timer = setInterval(() => response.write('b'), 1);
    response.on('close', () => clearInterval(timer));
  });
  for (const path of ['before', 'within', 'trickle']) {
    const refusal = await refusalOf(ask(`${url}/${path}`, { timeoutMs: 1000, clock: time }));
    assert.equal(refusal.code, 'CS-FETCH-002', path);
    assert.equal(refusal.evidence['limitMs'], 1000);
  }
  // Name service that never answers, too.
  const hangs: LookupFunction = () => time.advance(1000);
  assert.equal(
    await codeOf(ask('http://hangs.test/', { timeoutMs: 1000, clock: time, lookup: hangs })),
    'CS-FETCH-002',
  );
  assert.equal(time.pending, 0);
});

test('the signal ends it with its own reason', async (t) => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const url = await serve(t, () => controller.abort(reason));
  await assert.rejects(ask(url, { signal: controller.signal }), reason);
  await assert.rejects(ask(url, { signal: controller.signal }), reason);
  assert.equal(clock.pending, 0);
});

test('nobody there, or no such name, is told as such', async (t) => {
  const url = await serve(t, () => undefined);
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  assert.equal(await codeOf(ask(`http://127.0.0.1:${port}/`)), 'CS-FETCH-001');
  const noName: LookupFunction = (_name, _options, callback) =>
    callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
  assert.equal(await codeOf(ask('http://nobody.test/', { lookup: noName })), 'CS-FETCH-001');
  for (const wrong of [
    'https://a.test/',
    'ftp://a.test/',
    'file:///etc/passwd',
    'http://u:p@a.test/',
    'ldap:x',
    'a',
    '',
    `${url}/${'a'.repeat(3000)}`,
  ]) {
    assert.equal(await codeOf(ask(wrong)), 'CS-FETCH-007', wrong);
  }
});

test('redirects are followed a few times, by a GET, and to http', async (t) => {
  const url = await serve(t, ({ url: path = '' }, response) => {
    const left = Number(path.slice(1));
    const location =
      path === '/secret' ? 'https://a.test/' : path === '/file' ? 'file:///x' : left === 1 ? '/end' : `/${left - 1}`;
    if (path === '/nowhere') response.writeHead(301).end();
    else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (path === '/end') response.end(whole);
    else response.writeHead(307, { location }).end('moved');
  });
  const followed = await ask(`${url}/3`);
  assert.ok(followed.kind === 'fetched');
  for (const path of ['4', 'loop', 'secret', 'file', 'nowhere']) {
    assert.equal(await codeOf(ask(`${url}/${path}`)), 'CS-FETCH-005', path);
  }
  assert.equal(await codeOf(ask(`${url}/1`, { method: 'POST', body: whole })), 'CS-FETCH-005');
});

test('private ranges are refused as the address itself, after look-up, and behind a redirect', async (t) => {
  let asked = 0;
  const url = await serve(t, (_request, response) => {
    asked++;
    response.end(whole);
  });
  const { port } = new URL(url);
  const refusing = { privateRanges: 'refuse' } as const;
  const refusal = await refusalOf(ask(url, refusing));
  assert.equal(refusal.code, 'CS-FETCH-006');
  assert.deepEqual(refusal.evidence, { url: `${url}/`, address: '127.0.0.1' });
  const spellings = ['2130706433', '0x7f.1', '127.1', '[::1]', '[::ffff:127.0.0.1]', '0', '[::]', '169.254.169.254'];
  for (const host of [...spellings, 'localhost']) {
    assert.equal(await codeOf(ask(`http://${host}:${port}/`, refusing)), 'CS-FETCH-006', host);
  }
  // A name that is public when it is asked about once and private the next time: it is asked about once.
  let lookups = 0;
  const rebinding: LookupFunction = (_name, { all }, callback) => {
    const address = lookups++ === 0 ? '127.0.0.1' : '192.0.2.1';
    if (all === true)
      callback(null, [
        { address: '8.8.8.8', family: 4 },
        { address, family: 4 },
      ]);
    else callback(null, address, 4);
  };
  assert.equal(await codeOf(ask(`http://rebinding.test:${port}/`, { ...refusing, lookup: rebinding })), 'CS-FETCH-006');
  assert.equal(lookups, 1);
  assert.equal(asked, 0);
});

test('a range may be permitted alone, and a redirect out of it is refused', async (t) => {
  const url = await serve(t, ({ url: path }, response) => {
    const { port } = new URL(url);
    if (path === '/') response.end(whole);
    else
      response.writeHead(302, { location: `http://${path === '/name' ? 'other.test' : '127.0.0.2'}:${port}/` }).end();
  });
  const lookup: LookupFunction = (_name, { all }, callback) => {
    if (all === true) callback(null, [{ address: '10.0.0.1', family: 4 }]);
    else callback(null, '10.0.0.1', 4);
  };
  const permitting = { privateRanges: ['127.0.0.1/32', 'fd00::/8'], lookup };
  assert.equal((await ask(url, permitting)).kind, 'fetched');
  assert.equal(await codeOf(ask(`${url}/address`, permitting)), 'CS-FETCH-006');
  const refusal = await refusalOf(ask(`${url}/name`, permitting));
  assert.deepEqual(refusal.evidence, { url: `http://other.test:${new URL(url).port}/`, address: '10.0.0.1' });
  for (const range of ['', 'a', '10.0.0.0/33', '10.0.0.0/-1', '::/129', '10.0.0.0/8/8', '10.0.0.0/x']) {
    await assert.rejects(ask(url, { privateRanges: [range] }), TypeError, range);
  }
});
