import assert from 'node:assert/strict';
import test from 'node:test';
import { isPublicSuffix } from './public-suffixes.ts';

test('suffixes of registries and of companies are public suffixes, in any spelling', () => {
  for (const suffix of [
    'com',
    'co.uk',
    's3.amazonaws.com',
    'github.io',
    'xn--55qx5d.cn',
    'CO.UK',
    'co.uk.',
    'city.ck',
    'internal',
  ]) {
    assert.equal(isPublicSuffix(suffix), true, suffix);
  }
});

test('a domain under a suffix, an exception of the list, an address and nothing are not', () => {
  for (const domain of [
    'example.com',
    'example.co.uk',
    'a.s3.amazonaws.com',
    'www.ck',
    'web.internal',
    '192.0.2.1',
    '',
  ]) {
    assert.equal(isPublicSuffix(domain), false, domain);
  }
});
