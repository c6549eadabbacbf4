/** Other people's OCSP clients ask the authority's responder: `openssl ocsp` by POST, curl by GET, and `openssl ocsp` reads what came. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { type ServerHouse, startHouse } from '../authority/server-house.ts';
import { missing, run } from './peers.ts';

interface Scene {
  readonly house: ServerHouse;
  readonly url: string;
  readonly good: string;
  readonly revoked: string;
  readonly replaced: string;
  ask(...more: readonly string[]): Promise<string>;
}

async function scene(t: TestContext, nonces: 'signed' | 'ignored' = 'ignored'): Promise<Scene> {
  const settings: AuthoritySettings = { publishing: { listen: '127.0.0.1:0', ocsp: { nonces } } };
  const house = await startHouse(t, { settings: new MutableSource(settings) });
  const url = `${house.server.publishingUrl() ?? ''}/ocsp`;
  const [web, db, mail] = await Promise.all(['web', 'db', 'mail'].map((name) => house.service(name)));
  assert.ok(web !== undefined && db !== undefined && mail !== undefined);
  const file = async (name: string, der: Uint8Array): Promise<string> => {
    const path = join(house.dir, `${name}.pem`);
    await writeFile(path, encodePem('CERTIFICATE', der));
    return path;
  };
  await house.local.revoke({ serial: db.leaf.serialNumber, reason: 'keyCompromise' });
  await house.local.revoke({ serial: mail.leaf.serialNumber, reason: 'superseded' });
  const authority = join(house.dir, 'authority');
  const [issuer, root] = [join(authority, 'issuer.pem'), join(authority, 'root.pem')];
  return {
    house,
    url,
    good: await file('web', web.leaf.raw),
    revoked: await file('db', db.leaf.raw),
    replaced: await file('mail', mail.leaf.raw),
    ask: async (...more) => {
      const base = ['ocsp', '-url', url, '-issuer', issuer, '-CAfile', root, '-verify_other', issuer];
      const { out, err } = await run('openssl', [...base, ...more]);
      return err + out;
    },
  };
}

const skip = missing('openssl');

test('openssl ocsp: good, revoked with its reason, and unknown, by each hash', { skip }, async (t) => {
  const { ask, good, revoked, replaced } = await scene(t);
  for (const hash of ['-sha1', '-sha256']) {
    const said = await ask('-no_nonce', hash, '-cert', good, '-cert', revoked, '-cert', replaced, '-serial', '0x0BAD');
    assert.match(said, /Response verify OK/);
    assert.match(said, /web\.pem: good/);
    assert.match(said, /db\.pem: revoked[^]*Reason: keyCompromise/);
    assert.match(said, /mail\.pem: revoked[^]*Reason: superseded/);
    assert.match(said, /0x0BAD: unknown/);
  }
  const one = await ask('-no_nonce', '-cert', good);
  assert.match(one, /Response verify OK[^]*web\.pem: good/);
});

test('openssl ocsp with a nonce: passed over with a warning, or repeated', { skip }, async (t) => {
  const ignoring = await scene(t);
  assert.match(await ignoring.ask('-nonce', '-cert', ignoring.good), /WARNING: no nonce in response[^]*good/);
  await ignoring.house.stop();
  const signing = await scene(t, 'signed');
  const said = await signing.ask('-nonce', '-cert', signing.good);
  assert.match(said, /Response verify OK[^]*good/);
  assert.doesNotMatch(said, /WARNING/);
});

test(
  'curl gets by GET what openssl ocsp then believes',
  { skip: skip === false ? missing('curl') : skip },
  async (t) => {
    const { house, url, good, ask } = await scene(t);
    const request = join(house.dir, 'request.der');
    const response = join(house.dir, 'response.der');
    const authority = join(house.dir, 'authority');
    await run('openssl', [
      ...['ocsp', '-no_nonce', '-issuer', join(authority, 'issuer.pem'), '-cert', good, '-reqout', request],
    ]);
    const { out } = await run('openssl', ['base64', '-A', '-in', request]);
    const got = await run('curl', ['-sS', '-f', '-o', response, '-D', '-', `${url}/${encodeURIComponent(out.trim())}`]);
    assert.equal(got.status, 0, got.err);
    assert.match(got.out, /content-type: application\/ocsp-response/i);
    assert.match(got.out, /cache-control: max-age=60/i);
    const { out: said, err } = await run('openssl', [
      ...['ocsp', '-no_nonce', '-respin', response, '-issuer', join(authority, 'issuer.pem'), '-cert', good],
      ...['-CAfile', join(authority, 'root.pem'), '-verify_other', join(authority, 'issuer.pem')],
    ]);
    assert.match(err + said, /Response verify OK[^]*web\.pem: good/);
    assert.ok(!(await ask('-no_nonce', '-cert', good)).includes('Error'));
  },
);
