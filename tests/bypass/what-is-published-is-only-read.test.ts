/**
 * Class J, the plain listener of what is published. Every method, every credential that could be written into a request, paths that lead elsewhere when they are
 * decoded or normalized, other protocols: it hands out lists and answers, does nothing, and knows no file beside them.
 * Stands for: step-ca CVE-2025-44005; Dogtag CVE-2021-20179; SPIRE CVE-2021-27098.
 */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { presented, type ServerHouse, startHouse } from '../authority/server-house.ts';

const settings: AuthoritySettings = { publishing: { listen: '127.0.0.1:0' }, crl: { url: 'http://lists.test' } };

let house: ServerHouse;
let port = 0;
let list = '';
let chain = '';
const ends: (() => unknown)[] = [];
before(async () => {
  const whole = { after: (end: () => unknown) => void ends.unshift(end) };
  house = await startHouse(whole as unknown as TestContext, { settings: new MutableSource(settings) });
  port = Number(new URL(house.server.publishingUrl() ?? '').port);
  chain = presented(await house.service('web')).chain;
  const [issuer = ''] = await readdir(join(house.dir, 'crl'));
  list = `/crl/${issuer}/all.crl`;
});
after(async () => {
  for (const end of ends) await end();
});

/** What comes back to these octets, to the end of the connection. */
function send(octets: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(octets, 'latin1'));
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    socket.on('error', () => undefined).once('close', () => resolve(answer));
  });
}

async function ask(method: string, target: string, headers: readonly string[] = [], body = ''): Promise<string> {
  const own = [
    'Host: lists.test',
    'Connection: close',
    ...(body === '' ? [] : [`Content-Length: ${body.length}`]),
    ...headers,
  ];
  return send(`${method} ${target} HTTP/1.1\r\n${own.join('\r\n')}\r\n\r\n${body}`);
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);

const methods = [
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'MKCOL',
  'MOVE',
  'LOCK',
  'PURGE',
];

async function stateOf(): Promise<unknown> {
  const { number } = await house.store.revocations.feedState(Date.now());
  const { certificates } = await house.local.listCertificates({ limit: 1000 });
  const files = (await readdir(join(house.dir, 'crl'), { recursive: true })).toSorted();
  return { number, certificates, files };
}

test('a list is read, and nothing else is done to it, by whatever method', async () => {
  assert.equal(statusOf(await ask('GET', list)), 200);
  assert.equal(statusOf(await ask('HEAD', list)), 200);
  const before = await stateOf();
  for (const method of methods) {
    for (const target of [list, list.replace('all', 'new'), '/crl/', '/', '/v1/revocations', '/v1/status', '*']) {
      const answer = await ask(method, target, ['Content-Type: application/json'], method === 'CONNECT' ? '' : '{}');
      // CONNECT is not even answered: nobody listens for tunnels.
      assert.ok([0, 400, 404, 405, 413, 501].includes(statusOf(answer)), `${method} ${target}: ${answer.slice(0, 60)}`);
    }
  }
  for (const method of methods.filter((one) => one !== 'POST'))
    assert.ok([0, 400, 405, 501].includes(statusOf(await ask(method, '/ocsp'))), method);
  assert.deepEqual(await stateOf(), before);
});

test('no credential makes more of it: whatever a request says of who sends it', async () => {
  const one = encodeURIComponent(chain);
  const credentials = [
    ['Authorization: Bearer cs1_AAAA'],
    ['Authorization: Basic cm9vdDpyb290'],
    [`X-Forwarded-Client-Cert: Cert="${one}";URI=spiffe://dev.internal/countersign/administrator/all`],
    [`X-SSL-Client-Cert: ${one}`, 'X-SSL-Client-Verify: SUCCESS'],
    [`Client-Cert: :${Buffer.from(chain).toString('base64')}:`],
    ['X-Forwarded-For: 127.0.0.1', 'X-Real-IP: 127.0.0.1', 'Forwarded: for=127.0.0.1;proto=https'],
    ['X-Original-URL: /v1/status', 'X-Rewrite-URL: /v1/status'],
    ['X-HTTP-Method-Override: DELETE'],
    ['Cookie: session=root'],
  ];
  const plain = (answer: string): string => answer.replace(/^Date: .*\r\n/im, '');
  for (const target of [list, '/v1/status', '/v1/whoami', '/v1/certificates', '/']) {
    const without = plain(await ask('GET', target));
    assert.equal(statusOf(without), target === list ? 200 : 404, target);
    for (const headers of credentials)
      assert.equal(plain(await ask('GET', target, headers)), without, `${target} ${headers[0]}`);
  }
});

test('no path leads to another file or another route, however it is written', async () => {
  const folder = list.replace('/all.crl', '');
  const up = [
    '..',
    '%2e%2e',
    '%2E.',
    '.%2e',
    '..%2f',
    '..\\',
    '%252e%252e',
    '..;',
    '\u00c0\u00ae\u00c0\u00ae',
    '....//',
  ];
  for (const one of up) {
    for (const file of ['authority.db', 'authority/issuer.key.pem', 'authority/root.pem', 'etc/passwd', 'lists.json']) {
      for (const target of [
        `${folder}/${one}/${one}/${file}`,
        `/crl/${one}/${file}`,
        `/${one}/${file}`,
        `/ocsp/${one}/${one}/${file}`,
      ]) {
        const answer = await ask('GET', target);
        assert.ok(
          [400, 404].includes(statusOf(answer)) || /application\/ocsp-response/i.test(answer),
          `${target}: ${answer.slice(0, 80)}`,
        );
        assert.doesNotMatch(answer, /PRIVATE KEY|BEGIN CERT|SQLite|root:x:/);
      }
    }
  }
  for (const target of [
    list.replace('/crl', '//crl'),
    list.replace('crl/', 'CRL/'),
    `${list}/`,
    `${list}%00.pem`,
    `http://lists.test${list}/..`,
    `${folder}/all.crl.tmp`,
  ])
    assert.ok([400, 404].includes(statusOf(await ask('GET', target))), target);
});

test('no other protocol is spoken: neither an upgrade, nor HTTP/2 without it, nor TLS, nor a second request in the first', async () => {
  const upgrades = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
  const upgraded = await send(
    `GET ${list} HTTP/1.1\r\nHost: x\r\n${upgrades.join('\r\n')}\r\nConnection: close\r\n\r\n`,
  );
  assert.doesNotMatch(upgraded, /^HTTP\/1\.1 101/);
  assert.doesNotMatch(
    await send(
      `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\n\r\n`,
    ),
    /^HTTP\/1\.1 101/,
  );
  assert.ok([0, 400, 505].includes(statusOf(await send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))));
  assert.ok([0, 400].includes(statusOf(await send('\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00'))));
  const smuggled = `GET ${list} HTTP/1.1\r\nHost: x\r\n\r\n`;
  for (const framing of [
    'Transfer-Encoding: chunked\r\nContent-Length: 5',
    'Content-Length: 0\r\nContent-Length: 5',
    'Transfer-Encoding: xchunked',
  ])
    assert.ok(
      [400, 501].includes(
        statusOf(await send(`POST /ocsp HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n0\r\n\r\n${smuggled}`)),
      ),
      framing,
    );
});
