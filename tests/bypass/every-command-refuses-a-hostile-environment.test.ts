/**
 * Class R, for every command of the table, without a process for each: what a command finds in its environment is handed to it. None that holds a key or
 * speaks with a peer does anything under a setting that weakens TLS or opens the process: it ends with 2 and names the setting.
 * Stands for: no advisory; that the settings work against a bare program is shown in a-hostile-environment-is-refused-by-name.test.ts.
 */
import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import type { World } from '../../packages/countersign/src/cli/call.ts';
import { Ending } from '../../packages/countersign/src/cli/process/ending.ts';
import { runCommandLine } from '../../packages/countersign/src/cli/run-command-line.ts';
import { commands } from '../../packages/countersign/src/cli/table/commands.ts';
import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { temporaryFolder } from '../e2e/authority-process.ts';
import { type Attack, attacks } from './hostile-settings.ts';

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

interface Seen {
  readonly status: number;
  readonly said: string;
}

/** As its first example says, up to a pipe. */
async function called(line: string, folder: string, { env = {}, options = [] }: Partial<Attack>): Promise<Seen> {
  const said = new Collected();
  const world: World = {
    env: { HOME: folder, ...env },
    execArgv: options,
    workingDirectory: folder,
    pid: 1,
    clock: manualClock(0),
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    stdout: said as unknown as NodeJS.WriteStream,
    stderr: said as unknown as NodeJS.WriteStream,
    ending: new Ending(),
  };
  const [, ...argv] = line.split(' | ', 1)[0]?.split(' ') ?? [];
  return { status: await runCommandLine(argv, world), said: said.text };
}

const harmless = ['config check', 'config diff', 'config test', 'doctor partners', 'help', 'inspect', 'verify'];

test('all commands but those that only look answer for their environment', () => {
  const inAny = commands.filter(({ environment }) => environment === 'any').map(({ name }) => name);
  assert.deepEqual(inAny.toSorted(), harmless);
});

test('every other command refuses each setting by name, and does nothing', async (t: TestContext) => {
  const folder = await temporaryFolder(t);
  for (const { name, examples } of commands.filter((one) => !harmless.includes(one.name))) {
    const line = examples[0]?.line ?? '';
    for (const [what, attack] of Object.entries(attacks(folder))) {
      const { status, said } = await called(line, folder, attack);
      assert.equal(status, 2, `${name}: ${what}: ${said}`);
      assert.ok(said.startsWith(` ${attack.code}`) && said.includes(attack.named), `${name}: ${what}: ${said}`);
      assert.equal(said.match(/CS-/g)?.length, 1, `${name}: ${what}: ${said}`);
    }
  }
});

test('more trust for Node itself is not refused: every context of ours has its own', async (t: TestContext) => {
  const folder = await temporaryFolder(t);
  const env = { NODE_EXTRA_CA_CERTS: `${folder}/ca.pem`, SSL_CERT_FILE: `${folder}/ca.pem`, SSL_CERT_DIR: folder };
  const { said } = await called('countersign renew --dir-credential ./web', folder, { env });
  assert.match(said, /CS-AGENT-001/, 'it went on, and found no credential');
});
