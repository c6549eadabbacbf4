/** `run --staple`: `openssl s_client -status` sees at the front what the authority's own responder says of its certificate; who asks for no stapling gives none. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { openWorkload } from '../../packages/countersign/src/traffic/agent/index.ts';
import { freePort } from '../fixtures/free-port.ts';
import { type ServerHouse, startHouse } from '../authority/server-house.ts';
import { countersign } from '../e2e/command.ts';
import { type RunningProgram, startRun } from '../e2e/running-program.ts';
import { missing, run } from './peers.ts';

const skip = missing('openssl');

interface Scene {
  readonly house: ServerHouse;
  /** Of the responder, which the certificates name. */
  readonly url: string;
}

async function scene(t: TestContext): Promise<Scene> {
  const listen = `127.0.0.1:${String(await freePort())}`;
  const url = `http://${listen}/ocsp`;
  const settings: AuthoritySettings = { publishing: { listen }, profiles: { service: { ocsp: [url] } } };
  return { house: await startHouse(t, { settings: new MutableSource(settings) }), url };
}

async function runBehindFront(t: TestContext, house: ServerHouse, ...more: string[]): Promise<RunningProgram> {
  const token = join(house.dir, `token${String(Math.random())}`);
  await writeFile(token, await house.token(['orders']), { mode: 0o600 });
  const front = ['--token-file', token, '--allow', 'web', '--listen', '127.0.0.1:0'];
  const program = startRun([...front, ...more, '--', 'sleep', '60']);
  t.after(() => program.stop());
  return program;
}

/** Until `expected` is seen, as the answer is fetched while the server listens already. */
async function seenAt(port: unknown, house: ServerHouse, expected: RegExp): Promise<void> {
  const root = join(house.dir, 'authority', 'root.pem');
  const args = ['s_client', '-connect', `127.0.0.1:${String(port)}`, '-CAfile', root, '-status'];
  for (let look = 1; ; look++) {
    const { out } = await run('openssl', args);
    if (expected.test(out)) return;
    if (look === 20) assert.match(out, expected);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const good = /OCSP Response Status: successful[^]*Cert Status: good/;
const none = /OCSP response: no response sent/;

test('run --staple: the responder that is named here, or by the certificate', { skip }, async (t) => {
  const { house, url } = await scene(t);
  const seen = async (responder: string): Promise<void> => {
    const allowed = ['--staple', responder, '--allow-private-revocation-sources'];
    const program = await runBehindFront(t, house, ...allowed);
    const { ocsp, privateRanges } = await program.until('staple-means');
    assert.deepEqual([ocsp, privateRanges], [responder === 'named' ? 'named' : { responder: url }, 'allow']);
    const { port } = await program.until('front');
    await seenAt(port, house, good);
    await program.stop();
  };
  await Promise.all([url, 'named'].map(seen));
});

test('run: nothing is stapled unasked; a responder that may not be asked is told of', { skip }, async (t) => {
  const { house, url } = await scene(t);
  const silent = await runBehindFront(t, house);
  await seenAt((await silent.until('front'))['port'], house, none);
  assert.deepEqual(
    silent.events.filter(({ event }) => event === 'staple-means' || event === 'warning'),
    [],
  );
  await silent.stop();
  const refused = await runBehindFront(t, house, '--staple', url);
  const { evidence } = await refused.until('warning', ({ code }) => code === 'CS-OCSP-028');
  const told = evidence as Record<string, unknown>;
  assert.equal(told['url'], url);
  assert.match(String(told['why']), /private/);
  await seenAt((await refused.until('front'))['port'], house, none);
});

test('run --staple: without a front, or with another address than http, it is a mistake', async () => {
  for (const [args, code] of [
    [['--staple', 'named'], 'CS-USAGE-004'],
    [['--allow', 'web', '--staple', 'https://ocsp.internal'], 'CS-USAGE-003'],
  ] as const) {
    const { status, result } = await countersign(['run', '--as', 'x', ...args, '--json', '--', 'true']);
    assert.deepEqual([status, result['code']], [2, code]);
  }
});

test('openWorkload: each server of its staples, where that is asked for', { skip }, async (t) => {
  const { house } = await scene(t);
  for (const [staple, expected] of [
    [{ ocsp: 'named', privateRanges: 'allow' }, good],
    [undefined, none],
  ] as const) {
    const workload = await openWorkload({
      token: await house.token(['orders']),
      ...(staple && { staple }),
      dangerouslyInAnyEnvironment: true,
    });
    try {
      const server = workload.createServer(allowAnyPeer(), (_asked, response) => response.end('hello'));
      const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
      await seenAt(port, house, expected);
    } finally {
      await workload.close({ graceMs: 0 });
    }
  }
});
