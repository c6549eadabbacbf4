/** The manifests say what is there: one subpath a room, and a lock that works anywhere. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

test('each room is a subpath export, and each subpath export a room', () => {
  const doors = globSync('*/*/index.ts', { cwd: join(root, 'packages/countersign/src') });
  const expected = Object.fromEntries(
    doors.map((door) => {
      const path = door.slice(0, -'.ts'.length);
      return [
        `./${path.split('/')[1] ?? ''}`,
        { source: `./src/${path}.ts`, types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` },
      ];
    }),
  );
  const manifest = read('packages/countersign/package.json') as { exports: Record<string, unknown> };
  assert.deepEqual(manifest.exports, { ...expected, './package.json': './package.json' });
});

test('the conditions of a subpath stand in the order in which they must be tried', () => {
  const manifest = read('packages/countersign/package.json') as { exports: Record<string, object | string> };
  for (const [subpath, conditions] of Object.entries(manifest.exports)) {
    if (typeof conditions === 'string') continue;
    assert.deepEqual(Object.keys(conditions), ['source', 'types', 'default'], subpath);
  }
});

test('the lock names no registry: it works with whichever is configured', () => {
  const lock = read('package-lock.json') as { packages: Record<string, { resolved?: string; link?: boolean }> };
  const located = Object.entries(lock.packages).filter(
    ([, { resolved, link }]) => resolved !== undefined && link !== true,
  );
  assert.deepEqual(located, []);
});

test('the lock holds the Node of every machine that the house is built on', () => {
  const lock = read('package-lock.json') as { packages: Record<string, { version?: string; optional?: boolean }> };
  const { optionalDependencies } = read('package.json') as { optionalDependencies: Record<string, string> };
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const locked = lock.packages[`node_modules/${name}`];
    assert.equal(locked?.version, version);
    assert.equal(locked?.optional, true);
  }
});

test('the version is told once: by the manifest of the package, and the changelog begins with it', () => {
  const { version } = read('packages/countersign/package.json') as { version: string };
  const [latest] = /^## .*$/m.exec(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')) ?? [];
  assert.ok(latest?.includes(version), `CHANGELOG.md begins with "${latest ?? 'nothing'}"`);
});
