/** Headers of HTTP/1.1 that are looked at all together: none of them is overlooked, wherever it stands. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnswerHead, parseAnswerHead } from './http1-answer-head.ts';
import { KnownHead } from './http1-known-head.ts';
import { questionHead } from './http1-question.ts';
import { http2Answer } from './http2-headers.ts';
import type { HeaderPair } from './program-headers.ts';

const good: HeaderPair = ['accept', 'text/plain\t\u00e9'];
const bad: readonly HeaderPair[] = [
  ['x-a', 'b\r\nx-b: c'],
  ['x-a', 'b\n'],
  ['x-a', '\0'],
  ['x-a', '\u0100'],
  ['x a', 'b'],
  ['x-a:', 'b'],
  ['', 'b'],
];

function head(headers: readonly HeaderPair[]): string {
  const asked = { upstream: { host: 'h', port: 1 }, method: 'GET', target: '/', hasBody: false };
  return questionHead({ ...asked, headers, connection: { once: () => undefined } }).text;
}

describe('the header of a request', () => {
  it('is said as it is', () => {
    assert.equal(head([good, ['host', 'h']]), 'GET / HTTP/1.1\r\naccept: text/plain\t\u00e9\r\nhost: h\r\n\r\n');
    assert.equal(head([]), 'GET / HTTP/1.1\r\n\r\n');
  });
  it('is not said where one of them is not to be said, first or last', () => {
    for (const one of bad) {
      assert.throws(() => head([one, good]), TypeError, JSON.stringify(one));
      assert.throws(() => head([good, one]), TypeError, JSON.stringify(one));
    }
  });
});

function read(text: string): AnswerHead {
  const found = parseAnswerHead(Buffer.from(`${text}\r\n\r\n`, 'latin1'), 'GET');
  assert.ok(found !== undefined, JSON.stringify(text));
  return found;
}

describe('the header of an answer', () => {
  const whole = 'HTTP/1.1 404 Not Found\r\nA:  b c \r\nContent-Length:\t7\r\nKeep-Alive: timeout=5\r\n\r\n';
  it('is read', () => {
    assert.deepEqual(parseAnswerHead(Buffer.from(`${whole}HTTP/1.1`), 'GET'), {
      status: 404,
      reason: 'Not Found',
      headers: [
        ['A', 'b c'],
        ['Content-Length', '7'],
      ],
      framing: 7,
      kept: true,
      keepMs: 4000,
      octets: whole.length,
    });
  });
  it('is not read before all of it is there', () => {
    for (let length = 0; length < whole.length; length += 1)
      assert.equal(parseAnswerHead(Buffer.from(whole.slice(0, length)), 'GET'), undefined, `${length} octets`);
  });
  it('is read whatever it is long', () => {
    const [long, reason] = ['x'.repeat(5000), 'y'.repeat(3000)];
    const { headers, ...rest } = read(`HTTP/1.1 200 ${reason}\r\nA: b\r\nB: ${long}\r\nC: d\r\ncontent-length: 0`);
    assert.equal(rest.reason, reason);
    assert.deepEqual(headers, [
      ['A', 'b'],
      ['B', long],
      ['C', 'd'],
      ['content-length', '0'],
    ]);
  });
  it('says nothing on of one connection alone, nor what Connection names', () => {
    const { headers } = read(
      'HTTP/1.1 204 No\r\nConnection: X-Mine\r\nX-mine: a\r\nTE: b\r\nUpgrade: c\r\nTrailer: d\r\nServer: e\r\nContent-Length: 0',
    );
    assert.deepEqual(headers, [['Server', 'e']]);
  });
  it('has a reason or none, a version, and says whether the connection stays', () => {
    const rest = '\r\ncontent-length: 0';
    assert.equal(read(`HTTP/1.1 200${rest}`).reason, '');
    assert.equal(read(`HTTP/1.1 200 ${rest}`).reason, '');
    assert.equal(read(`HTTP/1.0 200 OK${rest}`).kept, false);
    assert.equal(read(`HTTP/1.1 200 OK${rest}\r\nconnection: Close`).kept, false);
    assert.equal(read(`HTTP/1.1 200 OK${rest}\r\nconnection: keep-alive`).kept, true);
    for (const [said, ms] of [
      ['timeout=5', 4000],
      ['timeout=0', 0],
      ['max=5', undefined],
      ['timeout=5', 4000],
    ] as const)
      assert.equal(read(`HTTP/1.1 200 OK${rest}\r\nkeep-alive: ${said}`).keepMs, ms);
  });
  it('is known again by each of its octets, and by the method that it answers', () => {
    const octets = Buffer.from(whole);
    const head = parseAnswerHead(octets, 'GET');
    assert.ok(head !== undefined);
    const known = KnownHead.of(head, octets, 'GET');
    assert.equal(known?.isOf(Buffer.from(`${whole}body`), 'GET'), true);
    assert.equal(known.isOf(octets, 'HEAD'), false);
    assert.equal(known.isOf(octets.subarray(0, -1), 'GET'), false);
    for (let at = 0; at < octets.length; at += 1) {
      const other = Buffer.from(octets);
      other[at] = (other[at] ?? 0) ^ 1;
      assert.equal(known.isOf(other, 'GET'), false, `octet ${at}`);
    }
    octets.fill(0);
    assert.equal(known.isOf(Buffer.from(whole), 'GET'), true, 'what it was read from is used again');
    assert.equal(KnownHead.of({ ...head, octets: 10_000 }, octets, 'GET'), undefined);
  });
  it('is refused where its first line is no status line', () => {
    const lines = [
      'HTTP/2.0 200 OK',
      'HTTP/1.2 200 OK',
      'HTTP/1.1  200 OK',
      'HTTP/1.1 099 OK',
      'HTTP/1.1 20 OK',
      'HTTP/1.1 2000 OK',
    ];
    for (const line of [
      ...lines,
      'HTTP/1.1 200OK',
      'HTTP/1.1 200 O\nK',
      'http/1.1 200 OK',
      'HTTP/1.1 20x OK',
      'HTTP/1.1 2',
      '',
    ])
      assert.throws(() => read(`${line}\r\nA: b`), { kind: 'not-http' }, line);
  });
  it('is refused where one of its lines is none, first or last', () => {
    for (const line of ['b', ': b', 'a b: c', 'a : c', ' a: c', 'a: b\0', 'a: b\rc', 'a: \x7f', 'a: b\nc: d']) {
      for (const all of [`${line}\r\nx: y`, `x: y\r\n${line}`])
        assert.throws(() => read(`HTTP/1.1 200 OK\r\n${all}`), { kind: 'not-http' }, JSON.stringify(all));
    }
  });
  it('has one status over HTTP/2, whatever it calls its headers', () => {
    const said = http2Answer(200, [
      ['Set-Cookie', 'a=1'],
      [':status', '500'],
      ['set-cookie', 'b=2'],
    ]);
    assert.deepEqual(said, [':status', '200', 'set-cookie', 'a=1', 'set-cookie', 'b=2']);
  });
});
