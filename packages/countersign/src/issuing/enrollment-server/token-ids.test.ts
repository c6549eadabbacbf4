import assert from 'node:assert/strict';
import { test } from 'node:test';

import { randomBytes } from '../../runtime/cryptography/index.ts';
import { tokenIds } from './token-ids.ts';

test('an identifier is known again with the same secret, and by nobody else', () => {
  const secret = randomBytes(16);
  const id = tokenIds(secret).create();
  assert.match(id, /^[A-Za-z0-9_-]{28}$/);
  assert.ok(tokenIds(secret).isOurs(id));
  assert.ok(!tokenIds(randomBytes(16)).isOurs(id));
  for (const other of [
    '',
    'A',
    'A'.repeat(28),
    id.slice(0, 16),
    `${id}AAAA`,
    id.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
  ])
    assert.ok(!tokenIds(secret).isOurs(other), other);
});
