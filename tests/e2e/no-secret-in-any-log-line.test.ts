/** Tokens, keys and passphrases where they do not belong: none of them comes into a line that the authority writes, in any form of its log. */
import assert from 'node:assert/strict';
import { connect as connectTcp } from 'node:net';
import { request as httpsRequest } from 'node:https';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';

import { openLocalAuthority } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { wait } from './authority-process.ts';
import { ended, start, temporaryFolder } from './command.ts';

interface Running {
  readonly port: number;
  readonly dir: string;
  /** All that it wrote, on either stream. */
  said(): string;
  stop(): Promise<void>;
}

async function up(t: TestContext, ...options: string[]): Promise<Running> {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const dir = folder.in('state');
  const child = start(['up', '--dir', dir, '--listen', '127.0.0.1:0', ...options]);
  let said = '';
  const ready = Promise.withResolvers<number>();
  const hear = (text: string): void => {
    said += text;
    const port = /https:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port !== undefined) ready.resolve(Number(port));
  };
  child.stdout?.setEncoding('utf8').on('data', hear);
  child.stderr?.setEncoding('utf8').on('data', hear);
  const end = ended(child);
  return {
    port: await ready.promise,
    dir,
    said: () => said,
    stop: async () => {
      child.kill('SIGTERM');
      await end;
    },
  };
}

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Each from another address of this machine, and not too many at once: what is told once a second must be told here. */
let callers = 0;
const nextAddress = (): string => `127.0.${String((callers >> 8) + 1)}.${String((callers++ & 255) + 1)}`;
const paceMs = 70;

/** Whatever the answer is. */
function ask(port: number, { path = '/v1/roots', method = 'GET', headers = {}, body }: Sent): Promise<void> {
  return new Promise((resolve) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers,
        rejectUnauthorized: false,
        agent: false,
        localAddress: nextAddress(),
      },
      (response) => response.resume().once('close', resolve),
    );
    request.once('error', () => resolve());
    request.end(body);
  });
}

/** In the clear on the port of TLS, or over TLS without being HTTP. */
function shout(port: number, text: string, servername?: string): Promise<void> {
  return new Promise((resolve) => {
    const tcp = connectTcp({ port, host: '127.0.0.1', localAddress: nextAddress() });
    tcp.on('error', () => resolve());
    const socket = servername === undefined ? tcp : connectTls({ socket: tcp, servername, rejectUnauthorized: false });
    socket.once('error', () => resolve());
    socket.once('close', () => resolve());
    socket.end(text);
    socket.resume();
  });
}

const passphrase = 'correct-horse-battery-staple';

async function misplace(port: number, token: string, pem: string): Promise<void> {
  const flat = pem.replaceAll('\n', '');
  const json = { 'content-type': 'application/json' };
  const paths = [token, encodeURIComponent(pem), `v1/${token}`, `v1/enroll/${token.replace('_', '%5F')}`];
  const sendings: Sent[] = [
    ...paths.map((path) => ({ path: `/${path}` })),
    { path: `/v1/roots?token=${token}&key=${encodeURIComponent(pem)}&passphrase=${passphrase}` },
    { path: `/v1/roots?${token}` },
    { path: '/v1/whoami', headers: { authorization: `Bearer ${token}` } },
    {
      path: '/v1/whoami',
      headers: { [token.slice(0, 60)]: 'x', cookie: token, 'x-key': flat, referer: `https://a/${token}` },
    },
    { path: '/v1/feed', headers: { 'countersign-endpoint': token, 'last-event-id': token } },
    { method: token.slice(0, 30).replaceAll(/[^A-Za-z]/g, 'X'), path: `/${token}` },
    ...[
      token,
      pem,
      `{"token":"${token}`,
      `{"token":"${token}","request":${JSON.stringify(pem)}}`,
      `{"passphrase":"${passphrase}"}`,
      JSON.stringify({ [token]: pem }),
    ].map((body) => ({ path: '/v1/enroll', method: 'POST', headers: json, body })),
    { path: '/v1/enroll', method: 'POST', headers: { 'content-type': token }, body: token },
    {
      path: '/v1/renew-expired',
      method: 'POST',
      headers: json,
      body: JSON.stringify({ certificate: pem, request: pem, challenge: token, signature: token }),
    },
    {
      path: '/v1/enroll',
      method: 'POST',
      headers: json,
      body: JSON.stringify({ token: token.slice(0, -8), request: pem }),
    },
  ];
  for (const sending of sendings) {
    await ask(port, sending).catch(() => undefined);
    await wait(paceMs);
  }
  await shout(port, `GET /${token} HTTP/1.1\r\n${pem}\r\n\r\n`);
  await shout(port, token);
  await shout(port, `${token} ${pem}`, 'localhost');
  for (const servername of [`${token.slice(0, 60)}.example`, token.slice(0, 200)]) await shout(port, '', servername);
}

for (const options of [[], ['--log-format', 'json'], ['--json'], ['--json', '--log-format', 'json']]) {
  test(`up ${options.join(' ')}`, async (t) => {
    const authority = await up(t, ...options);
    const local = openLocalAuthority(authority.dir);
    t.after(() => local.close());
    const { token } = await local.createToken({ names: ['web'], lifeSeconds: 600 });
    const pem = generatePrivateKey('P-256').toPem();
    await misplace(authority.port, token, pem);
    // And much of it at once: what is left out must not come later either.
    await Promise.all(Array.from({ length: 60 }, () => ask(authority.port, { path: `/${token}` })));
    await authority.stop();
    const said = authority.said();
    const told = said.split('\n').filter((line) => /CS-[A-Z]+-\d{3}/.test(line)).length;
    assert.ok(told >= 25, `only ${String(told)} refusals were told`);
    const secret = token.slice('cs1_'.length);
    const key = pem.split('\n')[1]!;
    const pieces = [
      secret.slice(0, 24),
      secret.slice(40, 64),
      secret.slice(-24),
      key.slice(0, 30),
      key.slice(-30),
      '-----',
      passphrase,
    ];
    for (const piece of pieces) assert.ok(!said.toLowerCase().includes(piece.toLowerCase()), `${piece} in ${said}`);
    if (options.includes('--log-format')) assert.ok(said.includes('refusals-left-out'), 'a flood is counted');
  });
}
