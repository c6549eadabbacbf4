/** The documents are true: their commands and scripts exist, their examples compile, their links lead somewhere. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { before, test } from 'node:test';
import ts from 'typescript';
import { registry } from '../../packages/countersign/src/ground/errors/index.ts';

const root = resolve(import.meta.dirname, '../..');
const documents = globSync('{*.md,docs/**/*.md,packages/*/README.md,examples/**/*.md}', { cwd: root }).sort();

interface Described {
  readonly arguments: readonly { readonly name: string; readonly required: boolean }[];
  readonly options: readonly { readonly name: string; readonly kind: string; readonly required?: boolean }[];
}

/** What `countersign help --json` tells of each command. */
const commands = new Map<string, Described>();

before(() => {
  const main = join(root, 'packages/countersign/src/cli/main.ts');
  const help = spawnSync(process.execPath, [main, 'help', '--json'], { encoding: 'utf8' });
  assert.equal(help.status, 0, help.stderr);
  for (const line of help.stdout.trim().split('\n')) {
    const object = JSON.parse(line) as { event: string; command: string } & Described;
    if (object.event === 'command') commands.set(object.command, object);
  }
});

function textOf(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}

/** Refusals name what to type, and the changes what was new: neither is where somebody reads of a command. */
const pages = documents.filter((document) => /^docs\//.test(document) && !document.endsWith('refusals.md'));

/** The fenced blocks of a document in one of these languages. */
function blocks(document: string, languages: readonly string[]): string[] {
  return [...textOf(document).matchAll(/^```([a-z]*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language = '']) => languages.includes(language))
    .map(([, , text = '']) => text);
}

/** Command lines as they would be typed, without prompt, comment and what a pipe leads to. */
function shellLines(document: string): string[] {
  const prompted = blocks(document, ['console']).flatMap((block) =>
    block
      .replace(/\\\n\s*/g, ' ')
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .map((line) => line.slice(2)),
  );
  const bare = blocks(document, ['sh']).flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'));
  return [...prompted, ...bare]
    .map((line) => line.replace(/\s#.*$/, ''))
    .flatMap((line) => line.split(/\s*(?:&&|\||;)\s*/))
    .map((line) => line.replace(/\s*[<>]\s*\S+/g, '').trim());
}

/** The words after `countersign`, where the line calls it. */
function callOf(line: string): string[] | undefined {
  const match = /^(?:sudo )?(?:npx )?countersign(?:\s+(.*))?$/.exec(line);
  return match === null ? undefined : (match[1] ?? '').split(/\s+/).filter((word) => word !== '' && word !== '&');
}

/** The longest name of a command that the words begin with; else the first word. */
function nameIn(words: readonly string[]): string {
  const beginnings = words.map((_, at) => words.slice(0, at + 1).join(' '));
  return beginnings.findLast((name) => commands.has(name)) ?? words[0] ?? '';
}

function checkCall(words: readonly string[], where: string, whole: boolean): void {
  if (words[0] === undefined || words[0].startsWith('--')) return;
  const name = nameIn(words);
  const command = commands.get(name);
  assert.ok(command !== undefined, `${where}: there is no command "${name}"`);
  const rest = words.slice(name.split(' ').length);
  const given = new Set<string>();
  let positional = 0;
  for (let at = 0; at < rest.length && rest[at] !== '--'; at += 1) {
    const word = rest[at] ?? '';
    if (!word.startsWith('--')) {
      positional += 1;
      continue;
    }
    const [option = '', value] = word.slice(2).split('=');
    const known = command.options.find((candidate) => candidate.name === option);
    assert.ok(known !== undefined, `${where}: "${name}" has no option --${option}`);
    given.add(option);
    if (known.kind !== 'switch' && value === undefined) at += 1;
  }
  if (!whole) return;
  const missing = command.options.filter((option) => option.required === true && !given.has(option.name));
  assert.deepEqual(missing, [], `${where}: "${words.join(' ')}"`);
  const needed = command.arguments.filter((argument) => argument.required).length;
  assert.ok(positional >= needed, `${where}: "${words.join(' ')}" lacks an argument`);
}

test('the documents are found', () => {
  for (const name of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']) {
    assert.ok(documents.includes(name), name);
  }
  assert.ok(
    shellLines('README.md').filter((line) => callOf(line) !== undefined).length >= 8,
    'the tour in README.md is read',
  );
});

test('each `countersign …` line names a command and options that exist', () => {
  for (const document of documents) {
    for (const line of shellLines(document)) {
      const call = callOf(line);
      if (call !== undefined) checkCall(call, document, true);
    }
    for (const [, line = ''] of textOf(document).matchAll(/`((?:npx )?countersign [^`\n]+)`/g)) {
      const call = callOf(line);
      if (call !== undefined) checkCall(call, document, false);
    }
  }
});

test('each command that a remedy names exists, with its options', () => {
  for (const [code, { cause, remedy }] of registry) {
    for (const [, line = ''] of `${cause} ${remedy}`.matchAll(
      /\b(countersign (?:[a-z]+)(?: (?:--[a-z-]+|[A-Z|]+))*)/g,
    )) {
      const words = line.split(' ').slice(1);
      if (commands.has(words[0] ?? '') || words.length > 1) checkCall(words, code, false);
    }
    for (const [, words = ''] of remedy.matchAll(/: countersign ([a-z]+(?: [a-z]+)*)/g))
      assert.ok(commands.has(nameIn(words.split(' '))), `${code}: ${words}`);
  }
});

test('the check of command lines can fail', () => {
  assert.throws(() => checkCall(['conquer'], 'here', true), /no command/);
  assert.throws(() => checkCall(['list', '--backwards'], 'here', true), /no option/);
  assert.throws(() => checkCall(['verify', 'file'], 'here', true));
  assert.throws(() => checkCall(['release'], 'here', true), /lacks an argument/);
});

test('each npm script that a document names exists', () => {
  const manifest = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  for (const document of documents) {
    for (const [, script = ''] of textOf(document).matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)) {
      assert.ok(script in manifest.scripts, `${document}: npm run ${script}`);
    }
  }
});

test('each relative link leads to a file', () => {
  for (const document of documents) {
    for (const [, target = ''] of textOf(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)) {
      assert.ok(existsSync(resolve(root, dirname(document), target)), `${document}: ${target}`);
    }
  }
});

test('each TypeScript example compiles', () => {
  const examples = new Map<string, string>();
  for (const document of documents) {
    for (const [index, text] of blocks(document, ['ts']).entries()) {
      examples.set(join(root, 'tests', `${document.replaceAll('/', '-')}-${index + 1}.ts`), text);
    }
  }
  assert.ok(examples.size > 0, 'README.md shows at least one');
  assert.deepEqual(diagnose(examples), []);
  const broken = new Map([[join(root, 'tests/broken.ts'), "import { nothing } from 'countersign/tls';\nnothing();"]]);
  assert.notDeepEqual(diagnose(broken), [], 'an example that does not compile is seen');
});

/** Type-checks texts as if they stood at these paths, with the compiler settings of the house. */
function diagnose(texts: ReadonlyMap<string, string>): string[] {
  const settings = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.base.json'),
    { noEmit: true, noUnusedLocals: false },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) =>
        assert.fail(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')),
    },
  );
  assert.ok(settings !== undefined);
  const host = ts.createCompilerHost(settings.options);
  const onDisk = {
    readFile: host.readFile.bind(host),
    fileExists: host.fileExists.bind(host),
    getSourceFile: host.getSourceFile.bind(host),
  };
  host.readFile = (path) => texts.get(path) ?? onDisk.readFile(path);
  host.fileExists = (path) => texts.has(path) || onDisk.fileExists(path);
  host.getSourceFile = (path, options, ...rest) => {
    const text = texts.get(path);
    return text === undefined
      ? onDisk.getSourceFile(path, options, ...rest)
      : ts.createSourceFile(path, text, options, true);
  };
  const program = ts.createProgram([...texts.keys()], settings.options, host);
  return [...texts.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      (diagnostic) =>
        `${path.slice(root.length + 1)}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`,
    );
  });
}

test('every command is named in a page', () => {
  const text = pages.map(textOf).join('\n');
  const names = [...commands.keys()];
  // `token client add` says nothing of `token`.
  const longer = (name: string): string =>
    names
      .filter((one) => one.startsWith(`${name} `))
      .map((one) => one.slice(name.length))
      .join('|');
  const missing = names.filter((name) => {
    const others = longer(name);
    return !new RegExp(`countersign ${name}(?![\\w-])${others === '' ? '' : `(?!${others})`}`).test(text);
  });
  assert.deepEqual(missing, []);
});
