import assert from 'node:assert/strict';
import { test } from 'node:test';

import { z } from 'zod';

import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import { parseSettings } from './settings-file.ts';

const schema = z.strictObject({
  listen: z.string().optional(),
  profiles: z
    .record(
      z.string(),
      z.strictObject({ life: z.strictObject({ most: z.string() }).optional(), crl: z.string().optional() }),
    )
    .optional(),
});

function refused(text: string): Refusal {
  try {
    parseSettings(text, 'authority.yaml', schema);
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return error;
  }
  return assert.fail('not refused');
}

test('YAML and JSON are read, and an empty file is no setting', () => {
  assert.deepEqual(parseSettings('profiles:\n  web:\n    crl: x\n', 'f', schema), { profiles: { web: { crl: 'x' } } });
  assert.deepEqual(parseSettings('{"listen": "a"}', 'f', schema), { listen: 'a' });
  assert.deepEqual(parseSettings('# nothing yet\n', 'f', schema), {});
});

test('an unknown setting is refused with its line and the nearest name', () => {
  const { code, evidence } = refused('listen: a\nprofiles:\n  web:\n    clr: x\n');
  assert.equal(code, 'CS-SETTINGS-001');
  assert.deepEqual([evidence['line'], evidence['setting'], evidence['nearest']], [4, 'profiles.web.clr', 'crl']);
});

test('a file that was cut off is refused with the line', () => {
  const { code, evidence } = refused('listen: a\nprofiles: {web: {crl: "x');
  assert.equal(code, 'CS-SETTINGS-002');
  assert.equal(evidence['line'], 2);
});

test('a wrong or missing value is refused with the line of what is written', () => {
  const wrong = refused('listen: a\nprofiles:\n  web: 5\n');
  assert.deepEqual(
    [wrong.code, wrong.evidence['line'], wrong.evidence['setting']],
    ['CS-SETTINGS-003', 3, 'profiles.web'],
  );
  const missing = refused('profiles:\n  web:\n    life: {}\n');
  assert.deepEqual([missing.evidence['line'], missing.evidence['setting']], [3, 'profiles.web.life.most']);
});

test('a key twice, an alias and a tag are refused: nothing is taken that was not plainly written', () => {
  for (const text of ['listen: a\nlisten: b\n', 'listen: &a x\nprofiles: *a\n', 'listen: !!js/function x\n'])
    assert.equal(refused(text).code, 'CS-SETTINGS-002', text);
});

test('a refusal never quotes the file', () => {
  for (const text of ['listen: "hunter2\n', 'listen: [hunter2]\n', 'profiles: {hunter: hunter2\n'])
    assert.doesNotMatch(JSON.stringify(refused(text).evidence), /hunter2/);
});
