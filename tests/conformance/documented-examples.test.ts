/** The examples of the pages on the X.509 library and on servers run as they stand; that they compile, documents.test.ts shows. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const page = ['x509', 'endpoints'].map((name) => readFileSync(resolve(root, `docs/${name}.md`), 'utf8')).join('\n');
const examples = [...page.matchAll(/^## (.*)$|^```ts\n([\s\S]*?)^```$/gm)].reduce<{ title: string; text: string }[]>(
  (found, [, title, text = '']) => {
    if (title !== undefined) return [...found, { title, text: '' }];
    const last = found.at(-1)!;
    return last.text === ''
      ? [...found.slice(0, -1), { ...last, text }]
      : [...found, { title: `${last.title}, the next`, text }];
  },
  [],
);

/** Ends with 0, or answers what it wrote to stderr. */
function run(text: string): Promise<string> {
  return new Promise((done) => {
    const options = ['--conditions=source', '--input-type=module-typescript', '--eval', text];
    const child = spawn(process.execPath, options, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('close', (status) => done(status === 0 ? '' : `status ${String(status)}: ${stderr}`));
  });
}

for (const { title, text } of examples.filter((example) => example.text !== '')) {
  test(`example: ${title}`, async () => assert.equal(await run(text), ''));
}

test('an example that fails is seen', async () => {
  assert.ok(examples.filter(({ text }) => text !== '').length >= 11);
  assert.match(await run("import { validatePath } from 'countersign/x509'; validatePath({} as never);"), /status 1/);
});
