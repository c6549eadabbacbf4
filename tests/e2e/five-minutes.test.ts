/** The five minutes of the README, as they are printed there: two programs without a line about TLS, one that is let in, and who is not. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { test } from 'node:test';
import { countersign, sharedScene } from './command.ts';
import { startRun } from './running-program.ts';

const scene = sharedScene();
const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');

/** The words after `run` in the README's line that begins so. */
function wordsOf(beginning: string): string[] {
  const line = readme.split('\n').find((one) => one.startsWith(`npx countersign run ${beginning}`));
  assert.ok(line !== undefined, beginning);
  return line.split(' ').slice(3);
}

function writeProgram(name: string, change: (text: string) => string): void {
  const text = new RegExp(`^\`\`\`js\n// ${name}\n([^]*?)^\`\`\`$`, 'm').exec(readme)?.[1];
  assert.ok(text !== undefined, name);
  writeFileSync(scene.folder.in(name), change(text));
}

test('web is let in and named; billing and a stranger are not', async () => {
  writeProgram('orders.mjs', (text) => text);
  // The README's port may be somebody else's on this machine.
  const front = startRun(['--dir', scene.authority.dir, '--listen', '127.0.0.1:0', ...wordsOf('--as orders')], place());
  const { port } = await front.until('front');
  writeProgram('web.mjs', (text) => text.replace('4000', String(port)));
  await front.until('upstream');
  const web = await countersign(['run', '--dir', scene.authority.dir, ...wordsOf('--as web -- node')], place());
  assert.match(web.out, /^200 hello, By=\S*;URI=spiffe:\/\/dev\.internal\/web;DNS=web\n/, web.err);
  const billing = await countersign(['run', '--dir', scene.authority.dir, ...wordsOf('--as billing')], place());
  assert.match(billing.out, /^403 .*CS-PEER-007/, billing.err);
  assert.notEqual(await statusOf('curl', ['-sk', `https://localhost:${String(port)}/`]), 0);
  await front.until('refused', ({ code }) => code === 'CS-PEER-001');
  assert.equal(await front.stop(), 143);
});

function place(): { cwd: string; env: Record<string, string> } {
  return { cwd: scene.folder.path, env: { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` } };
}

function statusOf(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    execFile(program, args, (error) => resolve(error === null ? 0 : Number(error.code)));
  });
}
