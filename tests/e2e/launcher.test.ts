/** The launcher finds a fitting Node wherever npm may have put it, and says one sentence where there is none. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

const launcher = resolve(import.meta.dirname, '../../packages/countersign/bin/countersign');
const carrier = `node-${process.platform}-${process.arch}`;
const tools = '/usr/bin:/bin';

let root: string;
let packageFolder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-'));
  packageFolder = join(root, 'app/node_modules/countersign');
  write('app/node_modules/countersign/dist/cli/main.js', '');
  mkdirSync(join(packageFolder, 'bin'));
  copyFileSync(launcher, join(packageFolder, 'bin/countersign'));
  // The tools that the launcher needs, without the machine's own Node beside them.
  mkdirSync(join(root, 'tools'));
  for (const name of ['sh', 'uname', 'dirname', 'readlink']) symlinkSync(whereIs(name), join(root, 'tools', name));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function whereIs(name: string): string {
  const found = spawnSync('/bin/sh', ['-c', `command -v ${name}`], { env: { PATH: tools }, encoding: 'utf8' });
  return found.stdout.trim();
}

/** A Node of our own making: tells its version, or which one it is and what it was given. */
function fakeNode(path: string, version: string): string {
  const file = write(
    path,
    `#!/bin/sh
case "\${NODE_OPTIONS-}" in *--unknown*) echo "bad option" >&2; exit 9 ;; esac
case "$1" in --version) echo v${version}; exit 0 ;; esac
echo "node=${version}"
echo "core=$(ulimit -c)"
for argument do echo "argument=$argument"; done
`,
  );
  chmodSync(file, 0o755);
  return file;
}

interface Outcome {
  status: number | null;
  stderr: string;
  node: string | undefined;
  core: string | undefined;
  arguments: string[];
}

function run(
  options: { bin?: string; path?: string; env?: Record<string, string>; args?: string[]; cwd?: string } = {},
): Outcome {
  const child = spawnSync(options.bin ?? join(packageFolder, 'bin/countersign'), options.args ?? [], {
    cwd: options.cwd ?? root,
    env: { ...options.env, PATH: options.path ?? join(root, 'tools') },
    encoding: 'utf8',
  });
  const values = (name: string): string[] =>
    child.stdout
      .split('\n')
      .filter((line) => line.startsWith(`${name}=`))
      .map((line) => line.slice(name.length + 1));
  return {
    status: child.status,
    stderr: child.stderr,
    node: values('node')[0],
    core: values('core')[0],
    arguments: values('argument'),
  };
}

test('a Node beside the package is taken, before one on PATH', () => {
  fakeNode(`app/node_modules/${carrier}/bin/node`, '26.10.0');
  fakeNode('path/node', '26.11.0');
  assert.equal(run({ path: `${join(root, 'tools')}:${join(root, 'path')}` }).node, '26.10.0');
});

test('a Node in a node_modules further up is taken', () => {
  fakeNode(`node_modules/${carrier}/bin/node`, '24.21.0');
  assert.equal(run().node, '24.21.0');
});

test("a Node inside the package's own node_modules is taken", () => {
  fakeNode(`app/node_modules/countersign/node_modules/${carrier}/bin/node`, '24.22.1');
  assert.equal(run().node, '24.22.1');
});

test('through a link in .bin, relative or absolute, the package behind it is found', () => {
  fakeNode(`app/node_modules/${carrier}/bin/node`, '26.10.0');
  mkdirSync(join(root, 'app/node_modules/.bin'));
  const relative = join(root, 'app/node_modules/.bin/countersign');
  symlinkSync('../countersign/bin/countersign', relative);
  const absolute = join(root, 'elsewhere');
  symlinkSync(relative, absolute);
  for (const bin of [relative, absolute]) {
    const outcome = run({ bin });
    assert.equal(outcome.node, '26.10.0');
    assert.equal(outcome.arguments[2], join(packageFolder, 'dist/cli/main.js'));
  }
});

test('a Node beside the link is taken when none is beside the package, as with a linked workspace', () => {
  fakeNode(`work/node_modules/${carrier}/bin/node`, '26.10.0');
  mkdirSync(join(root, 'work/node_modules/.bin'));
  symlinkSync(packageFolder, join(root, 'work/node_modules/countersign'));
  const bin = join(root, 'work/node_modules/.bin/countersign');
  symlinkSync('../countersign/bin/countersign', bin);
  assert.equal(run({ bin }).node, '26.10.0');
});

test('on PATH, the first that fits is taken, past those that do not', () => {
  fakeNode('old/node', '20.20.2');
  fakeNode('fitting/node', '24.21.3');
  fakeNode('later/node', '26.10.0');
  const path = ['tools', 'old', 'fitting', 'later'].map((part) => join(root, part)).join(':');
  assert.equal(run({ path }).node, '24.21.3');
});

test('a Node beside the package that does not fit or does not start is passed over', () => {
  const path = `${join(root, 'tools')}:${join(root, 'path')}`;
  fakeNode('path/node', '26.10.0');
  const beside = fakeNode(`app/node_modules/${carrier}/bin/node`, '22.22.0');
  assert.equal(run({ path }).node, '26.10.0');
  writeFileSync(beside, 'not a program');
  assert.equal(run({ path }).node, '26.10.0');
  chmodSync(beside, 0o644);
  assert.equal(run({ path }).node, '26.10.0');
});

test('exactly ^24.21 || >=26.10 fits', () => {
  const fits = ['24.21.0', '24.30.1', '26.10.0', '26.11.2', '27.0.0', '27.0.0-nightly20261101', '100.1.0'];
  const not = [
    '0.12.18',
    '20.20.2',
    '22.22.0',
    '24.20.9',
    '24.2.0',
    '25.99.0',
    '26.9.1',
    '26.0.0',
    '',
    'x.y.z',
    '26',
    '26.',
  ];
  for (const [versions, expected] of [
    [fits, 0],
    [not, 3],
  ] as const) {
    for (const version of versions) {
      fakeNode('path/node', version);
      assert.equal(run({ path: `${join(root, 'tools')}:${join(root, 'path')}` }).status, expected, `Node "${version}"`);
    }
  }
});

test('an empty or relative part of PATH does not choose the Node', () => {
  fakeNode('node', '26.10.0');
  fakeNode('here/node', '26.10.0');
  assert.equal(run({ path: `${join(root, 'tools')}::.:here`, cwd: root }).status, 3);
});

test('without a fitting Node: one sentence that says what to install, and status 3', () => {
  const outcome = run({ args: ['demo'] });
  assert.equal(outcome.status, 3);
  assert.match(
    outcome.stderr,
    /^countersign: needs Node 24\.21 [^\n]* 26\.10 or later; [^\n]*https:\/\/nodejs\.org[^\n]*\n$/,
  );
  assert.equal(outcome.node, undefined);
});

test('NODE_OPTIONS does not make a fitting Node look like none', () => {
  fakeNode(`app/node_modules/${carrier}/bin/node`, '26.10.0');
  const outcome = run({ env: { NODE_OPTIONS: '--unknown-option' } });
  // The Node found is the one that refuses the option, as it would without the launcher.
  assert.equal(outcome.status, 9);
  assert.match(outcome.stderr, /bad option/);
});

test('Node gets its hardening options, no core file, and the arguments as they were typed', () => {
  fakeNode(`app/node_modules/${carrier}/bin/node`, '26.10.0');
  const outcome = run({ args: ['token', 'a name', '*', '', '--dir', '$HOME'] });
  assert.deepEqual(outcome.arguments, [
    '--disable-sigusr1',
    '--max-semi-space-size=2',
    join(packageFolder, 'dist/cli/main.js'),
    'token',
    'a name',
    '*',
    '',
    '--dir',
    '$HOME',
  ]);
  assert.equal(outcome.core, '0');
});

test('an authority is kept small, and nothing else', () => {
  fakeNode(`app/node_modules/${carrier}/bin/node`, '26.10.0');
  const small = ['--optimize-for-size', '--heap-growing-percent=50'];
  const optionsOf = (...args: string[]): readonly string[] => run({ args }).arguments;
  assert.deepEqual(
    small.filter((option) => optionsOf('up', '--dir', 'x').includes(option)),
    small,
  );
  for (const args of [[], ['run', 'up'], ['-h']])
    assert.deepEqual(
      small.filter((option) => optionsOf(...args).includes(option)),
      [],
    );
});

test('the sources are run where they are there, so that a build never is stale', () => {
  fakeNode(`app/node_modules/${carrier}/bin/node`, '26.10.0');
  const main = write('app/node_modules/countersign/src/cli/main.ts', '');
  assert.equal(run().arguments[2], main);
});

test('a path with spaces and a CDPATH change nothing', () => {
  const folder = join(root, 'a folder/node_modules/countersign');
  write('a folder/node_modules/countersign/dist/cli/main.js', '');
  mkdirSync(join(folder, 'bin'));
  copyFileSync(launcher, join(folder, 'bin/countersign'));
  fakeNode(`a folder/node_modules/${carrier}/bin/node`, '26.10.0');
  const outcome = run({ bin: './bin/countersign', cwd: folder, env: { CDPATH: root } });
  assert.equal(outcome.arguments[2], join(folder, 'dist/cli/main.js'));
});

test('the launcher is executable as committed', () => {
  const mode = spawnSync('git', ['ls-files', '--stage', '--', launcher], { cwd: dirname(launcher), encoding: 'utf8' });
  if (mode.status !== 0) return; // Not in a checkout: the tarball's own test looks at the installed file.
  assert.match(mode.stdout, /^100755 /);
});
