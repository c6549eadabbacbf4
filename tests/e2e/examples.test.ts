/** The examples do what they say. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { compiledModules } from '../fixtures/compiled-modules.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

test('revocation: a stream of HTTP/2, a WebSocket and a raw connection are closed', async () => {
  const { stdout } = await run(process.execPath, ['--conditions=source', 'examples/revocation/run.ts'], { cwd: root });
  for (const what of ['stream of HTTP/2', 'WebSocket', 'raw connection'])
    assert.match(stdout, new RegExp(`^${what}: closed after [\\d.]+ ms$`, 'm'));
  assert.match(stdout, /^enforced on 1 of 1 in [\d.]+ ms, 3 closed$/m);
});

const absent = ['openssl', 'curl'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const skip = absent.length > 0 && process.env['CI'] === undefined ? `without ${absent.join(', ')}` : false;

/** The exit status, and what was said. */
function partners(env: NodeJS.ProcessEnv): Promise<{ readonly status: number; readonly events: readonly Tried[] }> {
  const args = ['--conditions=source', 'examples/partner-api/run.ts', '--json'];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: root, env }, (_, stdout) =>
      resolve({
        status: child.exitCode ?? -1,
        events: stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Tried),
      }),
    );
  });
}

interface Tried {
  readonly event: string;
  readonly tried?: string;
  readonly code?: string;
  readonly asExpected?: boolean;
  readonly reason?: string;
}

test(
  'partner-api: who steals, forges, is suspended or revoked is refused with its code, and nobody else',
  { skip },
  async () => {
    const { status, events } = await partners({ ...process.env, ...compiledModules });
    const { asExpected, ...why } = events.at(-1) ?? { event: 'nothing' };
    assert.equal(asExpected, true, JSON.stringify(why));
    assert.equal(status, 0);
    const codes = events.flatMap(({ code }) => code ?? []);
    assert.deepEqual(
      codes,
      [
        ...['BEARER-013', 'BEARER-014', 'BEARER-001', 'PEER-001', 'GATEWAY-012', 'PEER-020', 'GATEWAY-068'],
        ...['BEARER-013', 'BEARER-013', 'PEER-008', 'PEER-008', 'PEER-002'],
      ].map((code) => `CS-${code}`),
    );
    assert.match(events.find(({ tried }) => tried?.includes('reloads'))?.tried ?? '', /^\d{3,} requests/);
  },
);

test('partner-api: what is not as expected is named, with status 1', async () => {
  const { status, events } = await partners({ PATH: '/nonexistent' });
  assert.equal(status, 1);
  assert.deepEqual([events.at(-1)?.asExpected, /ENOENT/.test(events.at(-1)?.reason ?? '')], [false, true]);
});
