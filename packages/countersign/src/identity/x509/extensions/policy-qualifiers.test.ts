import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSequence } from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { bytesOf } from '../../../../../../tests/fixtures/extension-values.ts';
import {
  cpsQualifier,
  describeQualifier,
  type DescribedQualifier,
  policyQualifierIds,
  userNoticeQualifier,
} from '../index.ts';

const notice = (hex: string): DescribedQualifier =>
  describeQualifier({ type: policyQualifierIds.userNotice, value: bytesOf(hex) });

test('a notice is text of any of four kinds', () => {
  for (const text of ['16 01 61', '1a 01 61', '0c 01 61', '1e 02 0061']) {
    const contents = bytesOf(text);
    const value = encodeSequence(contents);
    assert.deepEqual(describeQualifier({ type: policyQualifierIds.userNotice, value }), {
      type: 'userNotice',
      explicitText: 'a',
    });
  }
  assert.deepEqual(notice('30 00'), { type: 'userNotice' });
});

test('a notice of more than 200 characters is read (RFC 5280, 4.2.1.4)', () => {
  const explicitText = 'long '.repeat(100);
  const described = describeQualifier(userNoticeQualifier({ explicitText }));
  assert.deepEqual(described, { type: 'userNotice', explicitText });
});

test('a qualifier that is not what it claims is refused', () => {
  const refuses = (hex: string, rule: string, offset: number): void => {
    assert.throws(
      () => notice(hex),
      (error: unknown) => {
        assert.ok(isRefusal(error));
        assert.deepEqual(error.evidence, { offset, rule });
        return true;
      },
    );
  };
  refuses('30 03 13 01 61', 'no DisplayText', 2);
  refuses('30 02 0c 00', 'a DisplayText without characters', 2);
  refuses('30 03 1a 01 7f', 'VisibleString with a character outside its set', 2);
  refuses('30 05 30 03 0c 01 61', 'element 0x30 is missing', 7);
  refuses('30 0a 30 08 0c 01 61 30 03 02 01 ff', 'INTEGER is negative', 9);
  refuses('30 06 0c 01 61 0c 01 61', 'bytes after the last element', 5);
  refuses('30 03 0c 01 61 00', 'bytes after the last element', 5);
  const twice = { type: policyQualifierIds.cps, value: bytesOf('16 01 61 16 01 61') };
  assert.throws(() => describeQualifier(twice), { code: 'CS-DER-001' });
});

test('a pointer to a practice statement', () => {
  assert.deepEqual(describeQualifier(cpsQualifier('http://cps.test/')), { type: 'cps', uri: 'http://cps.test/' });
  assert.throws(() => cpsQualifier('http://cps.test/é'), TypeError);
});
