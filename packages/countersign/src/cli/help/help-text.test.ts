import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonsToRevoke } from '../../runtime/api/index.ts';
import { plain } from '../output/paint.ts';
import { parseArguments } from '../parse-arguments.ts';
import { commands } from '../table/commands.ts';
import { findCommand } from '../table/find-command.ts';
import { helpText } from './help-text.ts';
import { overviewText } from './overview-text.ts';

const longest = (text: string): string => text.split('\n').reduce((a, b) => (a.length >= b.length ? a : b));

test('the overview and every help fit 80 columns', () => {
  for (const text of [overviewText(commands, plain), ...commands.map((command) => helpText(command))]) {
    assert.ok(longest(text).length <= 80, longest(text));
  }
});

test('every option says its default, or that it is required', () => {
  for (const command of commands) {
    const text = helpText(command).replaceAll(/\s+/g, ' ');
    for (const option of command.options) {
      const note =
        option.required === true ? '(required)' : option.later ? '(not in this version' : `default: ${option.default})`;
      assert.ok(text.includes(note), `${command.name} --${option.name}`);
      if (option.kind !== 'switch')
        assert.ok(option.value !== undefined, `${command.name} --${option.name} names no value`);
      if (option.kind === 'duration') assert.match(option.summary, /s, m, h, d/, `${command.name} --${option.name}`);
    }
  }
});

test('every command teaches with an example that parses', () => {
  for (const command of commands) {
    assert.ok(command.examples.length > 0, command.name);
    for (const { line } of command.examples) {
      const [, ...words] = shellSplit(line.replace(/^.*\| (?=countersign)/, '').replace(/ \| .*$/, ''));
      const { command: named, rest } = findCommand(words, commands);
      assert.equal(named.name, command.name, line);
      parseArguments(command, rest);
    }
  }
});

test('the reasons to revoke are those of the interface', () => {
  const revoke = commands.find(({ name }) => name === 'revoke');
  assert.deepEqual(revoke?.options.find(({ name }) => name === 'reason')?.choices, [...reasonsToRevoke]);
});

/** Words and single quotes: as much of a shell as the examples need. */
function shellSplit(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
}
