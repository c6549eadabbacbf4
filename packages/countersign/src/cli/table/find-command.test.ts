import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isRefusal } from '../../ground/errors/index.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { findCommand } from './find-command.ts';

const [any] = commands;
const named = (name: string): Command => ({ ...(any as Command), name });
const table = ['up', 'authority create', 'authority audit verify', 'authority audit export'].map(named);

test('the longest name that fits is the command, and the rest is its arguments', () => {
  const { command, rest } = findCommand(['authority', 'audit', 'verify', '--json', 'up'], table);
  assert.equal(command.name, 'authority audit verify');
  assert.deepEqual(rest, ['--json', 'up']);
});

test('what lacks a word says which words there are', () => {
  for (const words of [
    ['authority', 'audit'],
    ['authority', 'audit', '--json'],
  ]) {
    assert.throws(
      () => findCommand(words, table),
      (error) =>
        isRefusal(error) && error.code === 'CS-USAGE-004' && error.evidence['missing'] === 'one of verify, export',
    );
  }
});

test('a wrong word is answered with the nearest name', () => {
  assert.throws(
    () => findCommand(['authority', 'creat'], table),
    (error) => isRefusal(error) && error.code === 'CS-USAGE-001' && error.evidence['nearest'] === 'authority create',
  );
});
