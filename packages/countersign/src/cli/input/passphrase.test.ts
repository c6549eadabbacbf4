/** A passphrase is asked for on a terminal alone, once, unseen; and an interrupt there is one of the whole command. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { manualClock } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import type { World } from '../call.ts';
import { Ending } from '../process/ending.ts';
import { PassphraseSource } from './passphrase.ts';

interface Terminal {
  readonly world: World;
  readonly shown: () => string;
  /** As keys arrive: once the question stands. */
  type(keys: string): void;
}

function terminal(isTTY: boolean, env: World['env'] = {}): Terminal {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  let shown = '';
  const waiting: (() => void)[] = [];
  stderr.on('data', (text: Buffer) => {
    shown += text.toString();
    for (const go of waiting.splice(0)) go();
  });
  const world = {
    env,
    execArgv: [],
    workingDirectory: '/nonexistent',
    pid: 1,
    clock: manualClock(0),
    stdin: stdin as unknown as World['stdin'],
    stdout: new PassThrough() as unknown as World['stdout'],
    stderr: stderr as unknown as World['stderr'],
    ending: new Ending(),
  };
  return {
    world,
    shown: () => shown,
    type: (keys) => void waiting.push(() => setImmediate(() => stdin.write(keys))),
  };
}

test('asked for once, by what it opens, and what is typed is not shown', async () => {
  const { world, shown, type } = terminal(true);
  const source = new PassphraseSource(undefined, world);
  type('open sesame\r');
  assert.equal(await source.passphrase('web.key'), 'open sesame');
  assert.equal(await source.passphrase('another'), 'open sesame');
  await new Promise(setImmediate);
  assert.equal(shown(), '\r\u001b[K passphrase of web.key: \n');
});

test('nobody is asked where there is no terminal, or the environment has it', async () => {
  const quiet = terminal(false);
  assert.equal(await new PassphraseSource(undefined, quiet.world).passphrase('web.key'), undefined);
  const given = terminal(true, { COUNTERSIGN_PASSPHRASE: '' });
  assert.equal(await new PassphraseSource(undefined, given.world).passphrase('web.key'), '');
  assert.equal(quiet.shown() + given.shown(), '');
});

test('Ctrl-D is no passphrase, Ctrl-C the end of the command', async () => {
  const closed = terminal(true);
  closed.type('\u0004');
  assert.equal(await new PassphraseSource(undefined, closed.world).passphrase('web.key'), undefined);
  assert.equal(closed.world.ending.asked, undefined);
  const interrupted = terminal(true);
  interrupted.type('\u0003');
  await assert.rejects(
    new PassphraseSource(undefined, interrupted.world).passphrase('web.key'),
    (error) => isRefusal(error) && error.code === 'CS-PKCS-002',
  );
  assert.equal(interrupted.world.ending.asked, 'SIGINT');
});
