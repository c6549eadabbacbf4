/** Used, expired, foreign, unknown and malformed tokens, and a wrong pin: each refused by its own name, the secret in none of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { isRefusal, type RefusalCode } from '../../packages/countersign/src/ground/errors/index.ts';
import { decodeToken, encodeToken } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { second, startAuthority, wait } from './authority-process.ts';

async function refused(token: string, code: RefusalCode): Promise<Readonly<Record<string, unknown>>> {
  try {
    await enroll({ token, privateKey: generatePrivateKey('P-256') });
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.exit, 1);
    if (token.startsWith('cs1_')) assert.ok(!inspect(error, { depth: 9 }).includes(decodeToken(token).secret));
    return error.evidence;
  }
  return assert.fail('not refused');
}

test('bad tokens are refused by name', async (t) => {
  const authority = await startAuthority(t);
  const other = await startAuthority(t);
  const good = decodeToken(await authority.token(['web']));

  await t.test('a wrong pin says exactly that: the root expected and the one found', async () => {
    const evidence = await refused(encodeToken({ ...good, authority: other.url }), 'CS-PIN-001');
    assert.deepEqual(evidence, { address: other.url, expected: authority.root, found: other.root });
  });
  await t.test("another authority's token with this one's pin", async () => {
    const foreign = decodeToken(await other.token(['web']));
    await refused(encodeToken({ ...foreign, authority: authority.url, root: authority.root }), 'CS-TOKEN-005');
  });
  await t.test('another secret for a known token', async () => {
    await refused(encodeToken({ ...good, secret: 'A'.repeat(good.secret.length) }), 'CS-TOKEN-005');
  });
  await t.test('an expired one, whatever it claims itself', async () => {
    const short = decodeToken(await authority.token(['web'], { lifeSeconds: 1 }));
    // The authority rounds up to the second, as the text holds it.
    await wait(2.1 * second);
    await refused(encodeToken({ ...short, expires: short.expires + 3_600_000 }), 'CS-TOKEN-002');
  });
  await t.test('a used one', async () => {
    const token = await authority.token(['web']);
    await enroll({ token, privateKey: generatePrivateKey('P-256') });
    await refused(token, 'CS-TOKEN-003');
  });
  await t.test('other names than it was made for', async () => {
    const evidence = await refused(encodeToken({ ...good, names: ['admin'] }), 'CS-AUTHORITY-006');
    assert.ok(JSON.stringify(evidence).includes('admin'));
  });
  await t.test('no token at all', async () => {
    await refused('hunter2', 'CS-TOKEN-001');
  });
});
