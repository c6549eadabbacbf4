import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Roster } from './roster.ts';

const named = (name: string): { readonly name: string; place: number } => ({ name, place: -1 });

test('who has come and not gone is there, once, whatever the order', () => {
  const roster = new Roster<ReturnType<typeof named>>();
  const [a, b, c, d] = [named('a'), named('b'), named('c'), named('d')] as const;
  const names = (): string =>
    roster
      .all()
      .map(({ name }) => name)
      .sort()
      .join('');
  for (const one of [a, b, b, c]) roster.add(one);
  assert.equal(names(), 'abc');
  roster.remove(a);
  roster.remove(a);
  roster.remove(d);
  assert.equal(names(), 'bc');
  roster.remove(c);
  roster.add(d);
  roster.add(a);
  assert.equal(names(), 'abd');
  for (const one of roster.all()) roster.remove(one);
  assert.equal(roster.size, 0);
});
