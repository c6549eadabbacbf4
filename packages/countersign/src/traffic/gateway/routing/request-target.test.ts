import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainHost, plainTarget } from './request-target.ts';

const reasonOf = (target: string, method = 'GET'): string | undefined => {
  const found = plainTarget(method, target);
  return 'reason' in found ? found.reason : undefined;
};

test('what two programs could read differently is refused', () => {
  const ambiguous = [
    '/a/../b',
    '/a/./b',
    '/..',
    '/.',
    '/%2e%2e/a',
    '/a/%2E./b',
    '/a/.%2e',
    '/a//b',
    '//a',
    '/a//',
    '/%2f',
    '/a%2Fb',
    '/a%5cb',
    '/a\\b',
    '/a;b',
    '/a;v=1/b',
    '/a%3bb',
    '/%00',
    '/a%0a',
    '/a%7f',
    '/a%',
    '/a%2',
    '/a%zz',
    '/%252e%252e/',
    '/a%252fb',
    '/a#b',
    '/a b',
    '/ä',
    '/a\tb',
    '*',
    'http://other.test/a',
    'https://other.test',
    'other.test:443',
    '',
    '?a',
    'a/b',
    '/a?b#c',
    '/a?b c',
    '/a?ä',
    `/${'a'.repeat(8192)}`,
  ];
  for (const target of ambiguous) assert.notEqual(reasonOf(target), undefined, target);
  assert.notEqual(reasonOf('/a', 'CONNECT'), undefined);
});

test('a plain path goes on as it came, and needless encodings are taken out of the others', () => {
  const same = [
    '/',
    '/a',
    '/a/',
    '/a/b.c',
    '/a..b',
    '/...',
    '/.well-known/check',
    '/a?b=/../c;d&e=%2f',
    '/~a/@b:c,d=e',
  ];
  for (const target of same) assert.deepEqual(plainTarget('GET', target), { path: target.split('?')[0], target });
  assert.deepEqual(plainTarget('GET', '/%61dmin/%c3%a4?%61'), { path: '/admin/%C3%A4', target: '/admin/%C3%A4?%61' });
  assert.deepEqual(plainTarget('GET', '/100%25'), { path: '/100%25', target: '/100%25' });
  assert.deepEqual(plainTarget('GET', '/%2ewell-known'), { path: '/.well-known', target: '/.well-known' });
});

test('what was made plain once is plain: deciding on it again changes nothing', () => {
  for (const target of ['/%61/%7e', '/a%20b', '/%2ea', '/a%25'])
    for (const found of [plainTarget('GET', target)]) {
      assert.ok('path' in found, target);
      assert.deepEqual(plainTarget('GET', found.path), { path: found.path, target: found.path });
    }
});

test('a long path is read in time that grows with its length', () => {
  const started = performance.now();
  for (const piece of ['/a', '/%61', '/a.', '/.a', '/a/b%'])
    for (let times = 0; times < 20; times += 1) plainTarget('GET', piece.repeat(Math.floor(8000 / piece.length)) + '%');
  assert.ok(performance.now() - started < 2000);
});

test('a host is a name and perhaps a port, in any case and with a dot at its end', () => {
  assert.equal(plainHost('API.Bank.Test.:8443'), 'api.bank.test');
  for (const host of ['', 'a@b', 'a b', 'a/b', 'a,b', '[::1]', 'a:b', 'a:1:2', 'a\t', '.'])
    assert.equal(plainHost(host), undefined, host);
});
