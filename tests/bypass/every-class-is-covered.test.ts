/** No class without a test, and no scenario without a class: the register names each, and what it names is there. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { aboutTheSuite, classes } from './classes.ts';

const tests = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(tests, file), 'utf8');

/** The letters in the first comment of a file: "Class A", "Classes H and L". */
function classesNamedIn(file: string): string[] {
  const [comment = ''] = read(file).split('*/', 1);
  return [...comment.matchAll(/\bClass(?:es)? ([A-Z])\b(?:(?:, [A-Z])*,? and ([A-Z])\b)?/g)].flatMap(
    ([, first = '', last]) => (last === undefined ? [first] : [first, last]),
  );
}

const scenarios = ['bypass', 'bad-input'].flatMap((folder) =>
  readdirSync(join(tests, folder))
    .filter((name) => name.endsWith('.test.ts') && !aboutTheSuite.includes(name))
    .map((name) => `${folder}/${name}`),
);
const elsewhere = Object.values(classes).flatMap((one) => one.elsewhere);

test('each class has a scenario, and each scenario a class of the register', (t) => {
  const found = new Map<string, string[]>(Object.keys(classes).map((letter) => [letter, []]));
  for (const file of scenarios) {
    const named = classesNamedIn(file);
    assert.ok(named.length > 0 || elsewhere.some((one) => one.file === file), `${file} names no class`);
    for (const letter of named) (found.get(letter) ?? assert.fail(`${file}: no class ${letter}`)).push(file);
  }
  for (const [letter, files] of found) {
    const { what, elsewhere: more } = classes[letter]!;
    const all = [...new Set([...files, ...more.map(({ file }) => file)])];
    t.diagnostic(`${letter}  ${what}: ${all.join(', ')}`);
    assert.ok(all.length > 0, `class ${letter} has no test`);
  }
});

test('what the register names elsewhere is there, under that name', () => {
  for (const { file, test: name } of elsewhere) {
    const text = read(file);
    assert.ok(name === '' || text.includes(name), `${file} has no test "${name}"`);
    assert.match(text, /\btest\(/, file);
  }
});
