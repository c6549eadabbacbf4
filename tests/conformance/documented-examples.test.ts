/** The examples of the library's pages run as they stand; that they compile, documents.test.ts shows. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const pages = [
  'docs/x509.md',
  'docs/endpoints.md',
  'docs/frameworks.md',
  'docs/testing.md',
  'docs/tokens.md',
  'docs/token-issuer.md',
];

interface Example {
  readonly title: string;
  readonly text: string;
}

/** Each under the heading above it. */
function examplesIn(page: string): Example[] {
  const text = readFileSync(resolve(root, page), 'utf8');
  const found: Example[] = [];
  let heading = page;
  let count = 0;
  for (const [, title, example] of text.matchAll(/^##? (.*)$|^```ts\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) [heading, count] = [title, 0];
    if (example === undefined) continue;
    count += 1;
    found.push({ title: count === 1 ? heading : `${heading}, number ${count}`, text: example });
  }
  return found;
}

const examples = pages.flatMap(examplesIn);

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

for (const { title, text } of examples) {
  test(`example: ${title}`, async () => assert.equal(await run(text), ''));
}

test('an example that fails is seen', async () => {
  for (const [page, least] of [
    ['docs/x509.md', 9],
    ['docs/endpoints.md', 2],
    ['docs/frameworks.md', 4],
    ['docs/testing.md', 3],
  ] as const)
    assert.ok(examplesIn(page).length >= least, page);
  assert.match(await run("import { validatePath } from 'countersign/x509'; validatePath({} as never);"), /status 1/);
});
