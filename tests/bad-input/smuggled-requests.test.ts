/**
 * Class F. Requests that two readers could part differently, at the front of `run` and at the gateway: what is refused never reaches the program, and what goes on is exactly one
 * request. CL.TE, TE.CL and their kin, folded and bare line ends, what HTTP/2 lets through and HTTP/1.1 does not, headers without end, other hosts in
 * the target, upgrades to another HTTP.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test, type TestContext } from 'node:test';
import type { OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { callersPem, type RawFront, rawFront, rawGateway, sayRaw } from './raw-program.ts';

/** One of each for all that is sent: most of it fails before its connection is anybody's. */
const places: Readonly<Record<string, (t: TestContext) => Promise<RawFront & Partial<OpenGateway>>>> = {
  front: rawFront,
  gateway: rawGateway,
};

const hidden = 'GET /hidden HTTP/1.1\r\nHost: x\r\nX-Forwarded-Client-Cert: URI=spiffe://test.internal/admin\r\n\r\n';
const post = (headers: string, body = ''): string => `POST / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n${body}`;
const get = (headers: string): string => `GET / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`;

const refused: Readonly<Record<string, string>> = {
  'length and chunks': post('Content-Length: 5\r\nTransfer-Encoding: chunked', `0\r\n\r\n${hidden}`),
  'chunks and length': post('Transfer-Encoding: chunked\r\nContent-Length: 5', `0\r\n\r\n${hidden}`),
  'two lengths': post(`Content-Length: 0\r\nContent-Length: ${hidden.length}`, hidden),
  'the same length twice': post('Content-Length: 2\r\nContent-Length: 2', 'ab'),
  'two lengths in one line': post(`Content-Length: 0, ${hidden.length}`, hidden),
  'a length with a sign': post('Content-Length: +0', hidden),
  'a length in hexadecimal': post('Content-Length: 0x5a', hidden),
  'an empty length': post('Content-Length:', hidden),
  'a coding that is not chunked': post('Transfer-Encoding: xchunked', `0\r\n\r\n${hidden}`),
  'chunked and not at the end': post('Transfer-Encoding: chunked, identity', `0\r\n\r\n${hidden}`),
  'two codings': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', `0\r\n\r\n${hidden}`),
  'a space before the colon': post('Transfer-Encoding : chunked', `0\r\n\r\n${hidden}`),
  'a folded line': post('X-A: b\r\n Transfer-Encoding: chunked', `0\r\n\r\n${hidden}`),
  'a first line that is folded': `GET / HTTP/1.1\r\n Host: localhost\r\n\r\n`,
  'a bare line feed': `GET / HTTP/1.1\nHost: localhost\n\n`,
  'a bare line feed in a value': get('X-A: b\nX-Forwarded-Client-Cert: URI=spiffe://test.internal/admin'),
  'a bare carriage return in a value': get('X-A: b\rX-Forwarded-Client-Cert: URI=spiffe://test.internal/admin'),
  'a zero octet in a value': get('X-A: b\0c'),
  'a zero octet in a name': get('X-A\0: b'),
  'a name that is none': get('X A: b'),
  'a chunk size that is too large': post('Transfer-Encoding: chunked', 'fffffffffffffffff\r\n'),
  'a chunk size that is none': post('Transfer-Encoding: chunked', `g\r\n${hidden}`),
  'a chunk that is longer than it says': post('Transfer-Encoding: chunked', `1\r\nab\r\n0\r\n\r\n${hidden}`),
  'a bare line feed after a chunk size': post('Transfer-Encoding: chunked', `1\na\r\n0\r\n\r\n${hidden}`),
  'no host': 'GET / HTTP/1.1\r\nX-A: b\r\n\r\n',
  'two hosts': 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: admin\r\n\r\n',
  'a version that is none': 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n',
  'a target with a space': 'GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'another host in the target': 'GET https://admin.internal/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a header of 100 KB': get(`X-A: ${'b'.repeat(100_000)}`),
  '10,000 headers': get(Array.from({ length: 10_000 }, (_, place) => `X-${place}: b`).join('\r\n')),
  'an upgrade with two hosts': get('Host: admin\r\nConnection: Upgrade\r\nUpgrade: websocket'),
  'an upgrade to HTTP/2': get(
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
  ),
  'an upgrade to HTTP/2 beside a WebSocket': get('Connection: Upgrade\r\nUpgrade: websocket, h2c'),
  'an upgrade to TLS': get('Connection: Upgrade\r\nUpgrade: TLS/1.0'),
  'an upgrade with a body': post(
    `Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${hidden.length}`,
    hidden,
  ),
};

for (const [what, octets] of Object.entries(refused)) {
  test(`${what}: refused, and nothing of a hidden request reaches the program`, async (t) => {
    for (const [place, start] of Object.entries(places)) {
      const started: RawFront & Partial<OpenGateway> = await start(t);
      const { port, reached, requests } = started;
      const answer = await sayRaw(port, octets, /^HTTP\/1\.1 \d\d\d [^]*\r\n\r\n/);
      assert.doesNotMatch(answer, /^HTTP\/1\.1 2/, `${place}: ${answer.slice(0, 200)}`);
      assert.doesNotMatch(reached(), /hidden|admin/, place);
      // A body that turns out to be none after its header has gone on is cut off there, and never looks whole.
      assert.ok(requests().length <= 1, place);
      assert.doesNotMatch(reached(), /\r\n0\r\n\r\n$/, place);
      // Node answers that one itself.
      if (place !== 'gateway' || what === 'no host') continue;
      const all = (): readonly { code: unknown }[] => [...(started.refusals ?? []), ...(started.records ?? [])];
      // A request is told of when it is over, which may be after its answer was read.
      while (all().length === 0) await new Promise((resolve) => setImmediate(resolve));
      const told = all().map(({ code }) => code);
      assert.match(told.join(), /^CS-GATEWAY-0(?:10|85|86|88)(?:,CS-GATEWAY-085)?$/, `${place}: told of`);
    }
  });
}

for (const [place, start] of Object.entries(places))
  test(`what goes on from the ${place} is one request with one framing, whatever stood around the chunks`, async (t) => {
    const front = await start(t);
    const octets = post(
      'Transfer-Encoding: chunked',
      '2;a=b;c="d\r\n'.replace('"', '') + 'hi\r\n0\r\nX-Forwarded-User: admin\r\nX-T: u\r\n\r\n',
    );
    assert.match(await sayRaw(front.port, octets, /ok$/), /^HTTP\/1\.1 200/);
    const [request = '', ...others] = front.requests();
    assert.deepEqual(others, []);
    assert.match(request, /\r\n2\r\nhi\r\n0\r\n/);
    assert.doesNotMatch(request, /a=b|content-length|admin/i);
  });

test('an absolute target of the same host goes on as a path', async (t) => {
  const front = await rawFront(t);
  await sayRaw(front.port, 'GET https://LocalHost?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n', /ok$/);
  assert.match(front.requests()[0] ?? '', /^GET \/\?a=b HTTP\/1\.1\r\n/);
});

for (const [place, start] of Object.entries(places))
  test(`two requests in a row are two requests at the ${place}, and Connection takes neither the host nor the length off`, async (t) => {
    const front = await start(t);
    const octets =
      post('Connection: host, content-length, keep-alive\r\nContent-Length: 2', 'ab') + get('Connection: close');
    await sayRaw(front.port, octets);
    const requests = front.requests();
    assert.equal(requests.length, 2);
    assert.match(requests[0] ?? '', /\r\ncontent-length: 2\r\n[^]*\r\n\r\nab$/i);
    for (const request of requests) assert.match(request, /\r\nhost: localhost\r\n/i);
  });

const overHttp2: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a coding of HTTP/1.1': { 'transfer-encoding': 'chunked' },
  'a connection of HTTP/1.1': { connection: 'x-a' },
  'a line end in a value': { 'x-a': 'b\r\nx-forwarded-user: admin' },
  'a line end in a name': { 'x-a: b\r\nx-forwarded-user': 'admin' },
  'a line end in the path': { ':path': '/ HTTP/1.1\r\nX-Forwarded-User: admin\r\nX: ' },
  'a space in the path': { ':path': '/ HTTP/1.1' },
  'a path of another host': { ':path': 'https://admin.internal/' },
  'a method with a space': { ':method': 'GET /admin HTTP/1.1\r\nX:' },
  'an authority with a line end': { ':authority': 'localhost\r\nx-forwarded-user: admin' },
  'a length that is wrong': { ':method': 'POST', 'content-length': '100' },
};

for (const [what, headers] of Object.entries(overHttp2)) {
  for (const [place, start] of Object.entries(places))
    test(`over HTTP/2, ${what}: nothing made up reaches the program behind the ${place}`, async (t) => {
      const front = await start(t);
      const session = connect(`https://127.0.0.1:${front.port}`, callersPem);
      t.after(() => session.destroy());
      session.on('error', () => undefined);
      let status = 0;
      try {
        const stream = session.request({ ':path': '/', ':authority': 'localhost', ...headers });
        stream.on('error', () => undefined);
        stream.on('response', (given) => (status = Number(given[':status'])));
        stream.resume();
        stream.end();
        await once(stream, 'close');
      } catch (error) {
        // Node's own client would not say it.
        assert.ok(error instanceof Error && 'code' in error, String(error));
      }
      assert.ok(status !== 200 || front.requests().length === 1);
      assert.ok(front.requests().length <= 1);
      assert.doesNotMatch(front.reached(), /admin|\nx-a: b\r\nx-forwarded-user|^transfer-encoding/im);
    });
}
