import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import type { ServerEvent } from '../server-event.ts';
import { listenForPublishing } from './publishing-listener.ts';
import type { PublishedRequest, PublishedRoute } from './published-route.ts';

const bytes = new TextEncoder().encode('a list');
const headers = { etag: '"1"', 'last-modified': 'Thu, 26 Nov 2026 04:00:00 GMT', 'cache-control': 'max-age=60' };

async function listening(
  t: TestContext,
  events: ServerEvent[] = [],
): Promise<{ url: string; asked: PublishedRequest[] }> {
  const asked: PublishedRequest[] = [];
  const answer: PublishedRoute['answer'] = (request) => {
    asked.push(request);
    if (request.path === 'broken') throw new Error('no such thing');
    if (request.path === 'later') return Promise.reject(new Error('no such thing later'));
    return { status: 200, type: 'application/pkix-crl', bytes, headers };
  };
  const listener = await listenForPublishing({
    listen: { host: '127.0.0.1', port: 0 },
    routes: [
      { prefix: '/crl/', answer },
      { prefix: '/', mostBodyOctets: 10, answer },
    ],
    log: (event) => events.push(event),
  });
  t.after(() => listener.close());
  return { url: listener.url, asked };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(url: string, path: string, method = 'GET', more: IncomingHttpHeaders = {}, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(url), { path, method, headers: more, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject).end(body);
  });
}

test('the route with the longest beginning answers, with its headers, and HEAD without its bytes', async (t) => {
  const { url, asked } = await listening(t);
  const answer = await ask(url, '/crl/a%2Fb//c?x=1');
  assert.equal(answer.status, 200);
  assert.equal(answer.text, 'a list');
  assert.equal(answer.headers['content-type'], 'application/pkix-crl');
  assert.equal(answer.headers['content-length'], '6');
  assert.equal(answer.headers['cache-control'], 'max-age=60');
  assert.deepEqual(asked[0]?.path, 'a%2Fb//c', 'as it came');
  const head = await ask(url, '/crl/x', 'HEAD');
  assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '6']);
});

test('who has it already is told so', async (t) => {
  const { url } = await listening(t);
  const statusOf = async (more: IncomingHttpHeaders): Promise<number | undefined> =>
    (await ask(url, '/crl/x', 'GET', more)).status;
  assert.equal(await statusOf({ 'if-none-match': 'W/"1", "3"' }), 304);
  assert.equal(await statusOf({ 'if-none-match': '"2"' }), 200);
  assert.equal(await statusOf({ 'if-modified-since': headers['last-modified'] }), 304);
  assert.equal(await statusOf({ 'if-modified-since': 'Thu, 26 Nov 2026 03:59:59 GMT' }), 200);
  assert.equal(await statusOf({ 'if-none-match': '"2"', 'if-modified-since': headers['last-modified'] }), 200);
});

test('a body is read as far as its route allows, and no further', async (t) => {
  const { url, asked } = await listening(t);
  assert.equal((await ask(url, '/', 'POST', { 'content-type': 'a/b' }, '0123456789')).status, 200);
  assert.equal(asked[0]?.type, 'a/b');
  assert.equal(Buffer.from(asked[0].body).toString(), '0123456789');
  assert.equal((await ask(url, '/', 'POST', {}, '0123456789a')).status, 413);
  assert.equal((await ask(url, '/', 'POST', { 'transfer-encoding': 'chunked' }, '0123456789a')).status, 413);
  assert.equal((await ask(url, '/crl/x', 'POST', {}, '')).status, 405);
  assert.equal((await ask(url, '/', 'PUT', {}, '')).headers.allow, 'GET, HEAD, POST');
  assert.equal(asked.length, 1);
});

test('what an answer throws is logged, and told as a failure without words', async (t) => {
  const events: ServerEvent[] = [];
  const { url } = await listening(t, events);
  for (const path of ['/broken', '/later']) {
    const { status, text } = await ask(url, path);
    assert.deepEqual([status, text], [500, 'failed\n']);
  }
  assert.equal(events.filter(({ event }) => event === 'failed').length, 2);
});

test('a body that never ends takes its connection along', async (t) => {
  const { url } = await listening(t);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const answered = new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n');
  assert.match(await answered, /^HTTP\/1\.1 413 [^]*Connection: close/i);
});

test('who takes nothing of an answer is let go', async (t) => {
  const large = new Uint8Array(32 * 1024 * 1024);
  const listener = await listenForPublishing({
    listen: { host: '127.0.0.1', port: 0 },
    routes: [{ prefix: '/', answer: () => ({ status: 200, type: 'application/pkix-crl', bytes: large, headers: {} }) }],
    log: () => undefined,
    stalledMs: 100,
  });
  t.after(() => listener.close());
  const accepted = Promise.withResolvers<Socket>();
  const seen = (message: unknown): void => accepted.resolve((message as { socket: Socket }).socket);
  subscribe('net.server.socket', seen);
  t.after(() => unsubscribe('net.server.socket', seen));
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => undefined).pause();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const server = await accepted.promise;
  await once(server, 'close');
  assert.ok(server.bytesWritten > 0);
});
