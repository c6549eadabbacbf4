import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { coreDumpsAllowed } from './harden-process.ts';

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax core file size        ${soft}   unlimited            bytes\n`;

test('core dumps are told of where the limit of this process allows them', () => {
  assert.equal(coreDumpsAllowed(limits('0        ')), undefined);
  assert.equal(coreDumpsAllowed(limits('unlimited'))?.code, 'CS-ENV-006');
  assert.equal(coreDumpsAllowed(''), undefined);
  assert.match(readFileSync('/proc/self/limits', 'utf8'), /^Max core file size\s+\S+/m);
});

/** What a program says of itself and of SIGUSR1, which it is sent. */
async function afterSignal(program: string): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--inspect-port=127.0.0.1:0', '--input-type=module', '-e', program],
    {
      env: {},
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString();
    if (said.includes('Debugger listening')) child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  child.kill('SIGUSR1');
  // The program that is not opened ends by itself when it has heard the signal and some time has passed.
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return `${code ?? signal} ${said}`;
}

const stays = `console.log('ready'); setTimeout(() => process.exit(7), 1_000);`;

test('SIGUSR1 opens a debugger in a bare program, and none in one that was hardened; what is hostile is refused', async () => {
  const harden = `import { hardenProcess } from ${JSON.stringify(new URL('harden-process.ts', import.meta.url).href)};`;
  const [bare, hardened] = await Promise.all([afterSignal(stays), afterSignal(`${harden} hardenProcess(); ${stays}`)]);
  assert.match(bare, /Debugger listening/);
  assert.match(hardened, /^7 /);
  assert.doesNotMatch(hardened, /Debugger listening/);
  const hostile = `${harden} process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try { hardenProcess(); } catch (error) { console.error(error.code); }
    process.on('SIGUSR1', () => {}); ${stays}`;
  assert.match(await afterSignal(hostile), /CS-ENV-001/);
});
