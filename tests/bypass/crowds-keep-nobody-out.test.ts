/** Silence and floods are bounded, and others are served meanwhile. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';

import { decodeToken, encodeToken, openLocalAuthority } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey, randomBytes } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { requestFor } from '../authority/enrollment-house.ts';
import { ask, startHouse, temporaryDirectory } from '../authority/server-house.ts';
import { compiledModules } from '../fixtures/compiled-modules.ts';

/** Clients that connect and never say a word. */
async function silent(t: TestContext, port: number, count: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () =>
    connectTcp({ host: '127.0.0.1', port }).on('error', () => undefined),
  );
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(
    sockets.map((socket) => new Promise<void>((done) => socket.once('connect', done).once('close', () => done()))),
  );
  return sockets;
}

/** Resolves once no more than `most` of them are open. */
function leftAt(sockets: readonly Socket[], most: number): Promise<void> {
  return new Promise((resolve) => {
    let left = 0;
    const done = (): void => {
      if (left <= most) resolve();
    };
    for (const socket of sockets.filter(({ closed }) => !closed)) {
      left += 1;
      socket.once('close', () => {
        left -= 1;
        done();
      });
    }
    done();
  });
}

test('of 1,000 clients who connect and never speak a few hundred stay, and others are served meanwhile', async (t) => {
  const house = await startHouse(t);
  const sockets = await silent(t, house.server.port, 1_000);
  await house.service('web');
  // No clock says so: were they let be, each would stay until its own handshake takes too long, and end under another code.
  await leftAt(sockets, 256);
  const ended = house.events.flatMap((event) => (event.event === 'refused' ? [event.refusal.code] : []));
  const turnedOut = ended.filter((code) => code === 'CS-TLS-009').length;
  const tooLate = ended.filter((code) => code === 'CS-TLS-002').length;
  assert.ok(turnedOut + tooLate >= 744, `${String(turnedOut)} and ${String(tooLate)}`);
  assert.ok(turnedOut > tooLate, `${String(turnedOut)} made room, ${String(tooLate)} waited for nothing`);
});

test('a flood of invented tokens never reaches the database, and a good one is served in the middle of it', async (t) => {
  const house = await startHouse(t);
  const root = await readFile(join(house.dir, 'authority', 'root.pem'), 'utf8');
  const token = await house.token(['web']);
  let looked = 0;
  const { find } = house.store.tokens;
  house.store.tokens.find = (ids) => {
    looked += 1;
    return find(ids);
  };
  const request = requestFor(generatePrivateKey('P-256'));
  const invented = (): string =>
    encodeToken({
      ...decodeToken(token),
      id: Buffer.from(randomBytes(21)).toString('base64url'),
      secret: Buffer.from(randomBytes(32)).toString('base64url'),
    });
  const shoot = async (): Promise<unknown> =>
    (await ask(house.server.url, root, { method: 'POST', path: '/v1/enroll', body: { token: invented(), request } }))
      .body['code'];
  const flood = Array.from({ length: 200 }, shoot);
  const served = enroll({ token, privateKey: generatePrivateKey('P-256') });
  assert.deepEqual(new Set(await Promise.all(flood)), new Set(['CS-TOKEN-005']));
  assert.equal((await served).spiffeId, 'spiffe://dev.internal/web');
  assert.equal(looked, 0);
});

test('a token made before a restart is good after it', async (t) => {
  const first = await startHouse(t);
  const token = decodeToken(await first.token(['web']));
  const second = await first.restart();
  const moved = encodeToken({ ...token, authority: second.server.url });
  assert.equal(
    (await enroll({ token: moved, privateKey: generatePrivateKey('P-256') })).spiffeId,
    'spiffe://dev.internal/web',
  );
});

test(
  'with few descriptors the local socket is reached all the same',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const dir = await temporaryDirectory(t);
    const main = resolve(import.meta.dirname, '../../packages/countersign/src/cli/main.ts');
    const command = `ulimit -n 200; exec "$0" "$@"`;
    const words = [main, 'up', '--dir', dir, '--listen', '127.0.0.1:0', '--json'];
    const child = spawn('sh', ['-c', command, process.execPath, ...words], {
      env: { PATH: process.env['PATH'], HOME: dir, ...compiledModules },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.after(() => child.kill('SIGKILL'));
    const lines = createInterface(child.stdout);
    const port = await new Promise<number>((found) =>
      lines.on('line', (line) => {
        const event = JSON.parse(line) as { event: string; url: string };
        if (event.event === 'ready') found(Number(new URL(event.url).port));
      }),
    );
    await silent(t, port, 600);
    const local = openLocalAuthority(dir);
    t.after(() => local.close());
    const { token } = await local.createToken({ names: ['web'], lifeSeconds: 60 });
    assert.equal(
      (await enroll({ token, privateKey: generatePrivateKey('P-256') })).spiffeId,
      'spiffe://dev.internal/web',
    );
  },
);
