/** Credentials by server name: which is chosen, and which names are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { fixedSource, type CredentialSource } from '../index.ts';
import { allCredentials, credentialsFor, defaultCredentials } from './named-credentials.ts';

const authority = new TestAuthority();
const sourceOf = (name: string): CredentialSource => fixedSource(authority.issue(name));
const [otherwise, web, any, deep] = [sourceOf('a'), sourceOf('b'), sourceOf('c'), sourceOf('d')];
const named = {
  otherwise,
  byServerName: { 'Web.shop.test': web, '*.shop.test': any, '*.eu.shop.test': deep },
};

test('a name is looked up in lower case, exact before one label of a pattern', () => {
  const chosen: readonly (readonly [string | undefined, CredentialSource])[] = [
    ['web.shop.test', web],
    ['WEB.SHOP.TEST', web],
    ['web.shop.test.', web],
    ['db.shop.test', any],
    ['eu.shop.test', any],
    ['a.eu.shop.test', deep],
    ['shop.test', otherwise],
    ['a.b.shop.test', otherwise],
    ['webxshop.test', otherwise],
    ['web.shop.test..', otherwise],
    ['*.shop.test', otherwise],
    ['.shop.test', otherwise],
    ['web.shop.test.evil', otherwise],
    ['__proto__', otherwise],
    ['constructor', otherwise],
    ['\u212Aiosk.shop.test', otherwise],
    ['test', otherwise],
    ['', otherwise],
    [undefined, otherwise],
  ];
  for (const [name, source] of chosen) assert.equal(credentialsFor(named, name), source, name);
  assert.equal(credentialsFor(web, 'db.shop.test'), web, 'one for everybody');
  assert.deepEqual(allCredentials(named), [otherwise, web, any, deep]);
  assert.equal(defaultCredentials(named), otherwise);
});

test('what is no server name, or stands twice, is refused', () => {
  for (const key of ['', '*', '*.', 'a..b', 'web.shop.test.', 'w*.shop.test', '.*', 'shop.test|evil', '127.0.0.1:1'])
    assert.throws(() => defaultCredentials({ otherwise, byServerName: { [key]: web } }), TypeError, key);
  assert.throws(
    () => defaultCredentials({ otherwise, byServerName: { 'a.test': web, 'A.test': any } }),
    /two credentials/,
  );
});
