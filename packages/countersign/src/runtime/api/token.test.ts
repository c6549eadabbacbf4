import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import { decodeToken, encodeToken, type EnrollmentToken } from './index.ts';

const secret = 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U';
const token: EnrollmentToken = {
  authority: 'https://127.0.0.1:7443',
  root: 'ab'.repeat(32),
  id: 'token-1',
  secret,
  names: ['web', 'spiffe://dev.internal/web'],
  expires: 1_800_000_000_000,
};

function refused(text: string): Refusal {
  try {
    decodeToken(text);
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return error;
  }
  return assert.fail('not refused');
}

function pack(value: unknown): string {
  return `cs1_${Buffer.from(JSON.stringify(value)).toString('base64url')}`;
}

test('a token comes back as it was, also with the line end of the file around it', () => {
  assert.deepEqual(decodeToken(encodeToken(token)), token);
  assert.deepEqual(decodeToken(`\n ${encodeToken(token)}\n`), token);
});

test('whatever is cut, changed or added is refused and never shown', () => {
  const fields = { v: 1, ...token, expires: '2027-01-15T08:00:00Z' };
  const bad = [
    '',
    secret,
    encodeToken(token).slice(4),
    encodeToken(token).slice(0, -2),
    `${encodeToken(token)}=`,
    `${encodeToken(token)} x`,
    `cs1_${'A'.repeat(40_000)}`,
    `cs1_${Buffer.from(`{"secret":"${secret}"`).toString('base64url')}`,
    pack({ ...fields, v: 2 }),
    pack({ ...fields, extra: secret }),
    pack({ ...fields, [secret]: 1 }),
    pack({ ...fields, root: 'AB'.repeat(32) }),
    pack({ ...fields, authority: 'http://127.0.0.1:1' }),
    pack({ ...fields, authority: 'https://user:pw@127.0.0.1:1' }),
    pack({ ...fields, authority: 'https://127.0.0.1:1/path' }),
    pack({ ...fields, names: [''] }),
    pack({ ...fields, expires: 'tomorrow' }),
    pack({ ...fields, secret: `${secret}+` }),
    pack([secret]),
  ];
  for (const text of bad) {
    const refusal = refused(text);
    assert.equal(refusal.code, 'CS-TOKEN-001', text);
    assert.ok(!inspect(refusal, { depth: 9 }).includes(secret), text);
    assert.ok(!inspect(refusal, { depth: 9 }).includes(secret.slice(0, 12)), text);
  }
});

test('what no reader would accept is not written', () => {
  assert.throws(() => encodeToken({ ...token, authority: 'http://127.0.0.1' }));
  assert.throws(() => encodeToken({ ...token, secret: 'short' }));
});
