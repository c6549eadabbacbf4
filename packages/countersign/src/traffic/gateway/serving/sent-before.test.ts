/** What goes on of a header is kept for the same header alone: of the same caller, on the same route, under the same configuration. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckedCaller } from '../../forwarded-identity/index.ts';
import type { IdentityQuestion } from '../identity/sent-identity.ts';
import type { Route } from '../routing/route-table.ts';
import type { Connection } from './demands.ts';
import { SentBefore } from './sent-before.ts';

const route = (identity: string): Route => ({ settings: { identity } }) as Route;
const caller = (): CheckedCaller => ({}) as CheckedCaller;
const connection = (): Connection => ({}) as Connection;

const first: IdentityQuestion = {
  rawHeaders: ['host', 'a', 'x', '1'],
  caller: caller(),
  partner: 'beta',
  address: '192.0.2.1',
  host: 'a',
  route: route('xfcc'),
  method: 'GET',
  target: '/',
  configuration: {} as IdentityQuestion['configuration'],
};

/** Each header that is made says which it is. */
function counting(): SentBefore {
  let made = 0;
  return new SentBefore(() => [['made', String((made += 1))]]);
}

test('the same header again is not made again, whatever it is asked for', () => {
  const [sent, on] = [counting(), connection()];
  const headers = sent.headersFor(on, first);
  assert.equal(
    sent.headersFor(on, { ...first, rawHeaders: [...first.rawHeaders], method: 'POST', target: '/b' }),
    headers,
  );
});

for (const [what, change] of [
  ['value', { rawHeaders: ['host', 'a', 'x', '2'] }],
  ['name', { rawHeaders: ['host', 'a', 'X', '1'] }],
  ['further header', { rawHeaders: ['host', 'a', 'x', '1', 'y', ''] }],
  ['caller', { caller: caller() }],
  ['partner', { partner: 'gamma' }],
  ['route', { route: route('xfcc') }],
  ['configuration', { configuration: {} as IdentityQuestion['configuration'] }],
] as const)
  test(`another ${what} makes another header, and what it was before is made again`, () => {
    const [sent, on] = [counting(), connection()];
    const made = [first, { ...first, ...change }, first].map((question) => sent.headersFor(on, question).list[0]?.[1]);
    assert.deepEqual(made, ['1', '2', '3']);
  });

test('another connection has a header of its own', () => {
  const sent = counting();
  assert.notEqual(sent.headersFor(connection(), first), sent.headersFor(connection(), first));
});

test('neither what is signed for one request is kept, nor what is large', () => {
  const [sent, on] = [counting(), connection()];
  for (const question of [
    { ...first, route: route('signed') },
    { ...first, rawHeaders: ['x', 'y'.repeat(3000)] },
  ])
    assert.notEqual(sent.headersFor(on, question), sent.headersFor(on, question));
});

test('who has not been here for a thousand others keeps nothing, and is kept anew', () => {
  const [sent, on] = [counting(), connection()];
  const made = (): string | undefined => sent.headersFor(on, first).list[0]?.[1];
  const others = (count: number): void => {
    for (let other = 0; other < count; other += 1) sent.headersFor(connection(), first);
  };
  assert.equal(made(), '1');
  others(1023);
  assert.equal(made(), '1');
  others(1);
  assert.equal(made(), '1026');
  others(1023);
  assert.equal(made(), '1026');
});
