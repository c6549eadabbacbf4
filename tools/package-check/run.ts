/** The tarball as a stranger meets it: installed into an empty folder, it runs where it should and says one sentence where it cannot. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const carrier = `node-${process.platform}-${process.arch}`;
const system = '/usr/bin:/bin';
const fitting = ['24.21.0', '26.10.0'];
const tooOld = ['20.8.0', '22.23.3'];

const work = mkdtempSync(join(tmpdir(), 'countersign-'));
let failures = 0;
try {
  const tarball = pack();
  for (const version of fitting) runsUnder(version, tarball);
  for (const version of tooOld) saysOneSentenceUnder(version, tarball);
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (failures > 0) process.exitCode = 1;

function pack(): string {
  const packed = run('npm', ['pack', '-w', 'countersign', '--json', '--pack-destination', work], { cwd: root });
  if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stdout}${packed.stderr}`);
  // What the build prints may stand before it.
  const listing: unknown = JSON.parse(packed.stdout.slice(packed.stdout.search(/^[[{]/m)));
  const [entry] = (Array.isArray(listing) ? listing : Object.values(listing as object)) as {
    filename: string;
    files: { path: string; mode: number }[];
  }[];
  if (entry === undefined) throw new Error('npm pack made nothing');
  const stray = entry.files.filter(
    ({ path }) => !/^(bin\/(countersign|preload\.mjs)|dist\/.+|package\.json|README\.md|LICENSE)$/.test(path),
  );
  check(
    'the tarball holds the launcher, the build and its papers',
    stray.length === 0,
    stray.map(({ path }) => path).join(' '),
  );
  const tests = entry.files.filter(({ path }) => /\.test\./.test(path));
  check('the tarball holds no tests', tests.length === 0, tests.map(({ path }) => path).join(' '));
  const papers = ['README.md', 'LICENSE'].filter((name) => !entry.files.some(({ path }) => path === name));
  check('the tarball holds README and LICENSE', papers.length === 0, `missing: ${papers.join(' ')}`);
  return join(work, entry.filename);
}

function runsUnder(version: string, tarball: string): void {
  const node = nodeOf(version);
  const path = `${node}:${system}`;
  const app = install(version, tarball, path);
  const told = run('npx', ['countersign', '--version'], { cwd: app, path });
  check(
    `${version}: countersign --version`,
    told.status === 0 && told.stdout.trim().endsWith(versionOfPackage()),
    told.stdout + told.stderr,
  );

  const manifest = JSON.parse(readFileSync(join(app, 'node_modules/countersign/package.json'), 'utf8')) as {
    exports: object;
  };
  const rooms = Object.keys(manifest.exports).filter((key) => key !== './package.json');
  writeFileSync(
    join(app, 'rooms.mjs'),
    rooms.map((room) => `await import('countersign/${room.slice(2)}');`).join('\n'),
  );
  const imported = run('node', ['rooms.mjs'], { cwd: app, path });
  check(
    `${version}: ${rooms.length} subpaths can be imported`,
    imported.status === 0 && imported.stderr === '',
    imported.stderr,
  );

  const demo = run('npx', ['countersign', 'demo', '--json'], { cwd: app, path });
  const last = demo.stdout.trim().split('\n').at(-1) ?? '';
  const result = (last.startsWith('{') ? JSON.parse(last) : {}) as { event?: string; lost?: number };
  check(
    `${version}: countersign demo --json`,
    demo.status === 0 && result.event === 'result' && result.lost === 0,
    `${last}\n${demo.stderr}`,
  );
}

function saysOneSentenceUnder(version: string, tarball: string): void {
  // npm runs on the Node that runs this; the launcher then meets the old one alone.
  const app = install(version, tarball, process.env['PATH'] ?? system);
  const bin = join(app, 'tools');
  mkdirSync(bin);
  symlinkSync(join(nodeOf(version), 'node'), join(bin, 'node'));
  for (const name of ['sh', 'uname', 'dirname', 'readlink']) symlinkSync(join('/usr/bin', name), join(bin, name));
  const told = run(join(app, 'node_modules/.bin/countersign'), ['demo'], { cwd: app, path: bin });
  check(
    `${version}: one sentence and status 3`,
    told.status === 3 && /^countersign: needs Node [^\n]+\n$/.test(told.stderr),
    told.stderr,
  );
}

/** The folder that holds the `node` of this version, installed from the registry. */
function nodeOf(version: string): string {
  const folder = join(work, `node-${version}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const installed = run('npm', ['install', '--ignore-scripts', '--no-package-lock', `${carrier}@${version}`], {
    cwd: folder,
  });
  if (installed.status !== 0) throw new Error(`npm could not install ${carrier}@${version}:\n${installed.stderr}`);
  return join(folder, 'node_modules', carrier, 'bin');
}

function install(name: string, tarball: string, path: string): string {
  const app = join(work, `app-${name}`);
  mkdirSync(app);
  const installed = run('npm', ['install', '--ignore-scripts', tarball], { cwd: app, path });
  check(`${name}: npm install into an empty folder`, installed.status === 0, installed.stderr);
  if (installed.status !== 0) throw new Error(`nothing is installed in ${app}`);
  return app;
}

function versionOfPackage(): string {
  const text = readFileSync(join(root, 'packages/countersign/package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; path?: string },
): { status: number | null; stdout: string; stderr: string } {
  // What npm tells a script about this package is not for the stranger's folder; how to reach the registry is.
  const ours =
    /^(npm_(package_|lifecycle_|command|execpath|node_execpath|config_(loglevel|local_prefix))|NODE$|NODE_OPTIONS$|INIT_CWD$|COUNTERSIGN_)/i;
  const outside = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const env = { ...Object.fromEntries(outside), PATH: options.path ?? process.env['PATH'] ?? system };
  const child = spawnSync(command, args, {
    cwd: options.cwd,
    env,
    encoding: 'utf8',
    timeout: 180_000,
    maxBuffer: 64 << 20,
  });
  return {
    status: child.status,
    stdout: child.stdout ?? '',
    stderr: child.error === undefined ? child.stderr : String(child.error),
  };
}

function check(what: string, holds: boolean, otherwise: string): void {
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${what}`);
  if (holds) return;
  failures += 1;
  console.error(otherwise.trim().replace(/^/gm, '       '));
}
