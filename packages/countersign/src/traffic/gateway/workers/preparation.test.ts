import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Preparation } from './preparation.ts';

class Prepared {
  readonly name: string;
  abandoned = false;

  constructor(name: string) {
    this.name = name;
  }

  abandon(): void {
    this.abandoned = true;
  }
}

function slow(name: string): { open: () => Promise<() => Prepared>; ready: () => void; made: Prepared[] } {
  const opened = Promise.withResolvers<() => Prepared>();
  const made: Prepared[] = [];
  const stage = (): Prepared => {
    const prepared = new Prepared(name);
    made.push(prepared);
    return prepared;
  };
  return { open: () => opened.promise, ready: () => opened.resolve(stage), made };
}

test('of two that are prepared at a time the newest is taken, whichever is ready last', async () => {
  const preparation = new Preparation<Prepared>();
  const [first, second] = [slow('first'), slow('second')];
  const both = [preparation.make(first.open), preparation.make(second.open)];
  second.ready();
  await both[1];
  first.ready();
  await both[0];
  assert.equal(preparation.take().name, 'second');
  assert.deepEqual(first.made, []);
});

test('what becomes ready after it was given up is not there to be taken', async () => {
  const preparation = new Preparation<Prepared>();
  const late = slow('late');
  const making = preparation.make(late.open);
  preparation.abandon();
  late.ready();
  await making;
  assert.throws(() => preparation.take(), TypeError);
  assert.deepEqual(late.made, []);
});

test('what was ready and is not taken is abandoned, by another one too', async () => {
  const preparation = new Preparation<Prepared>();
  const [first, second] = [slow('first'), slow('second')];
  first.ready();
  second.ready();
  await preparation.make(first.open);
  await preparation.make(second.open);
  assert.equal(first.made[0]?.abandoned, true);
  preparation.abandon();
  assert.equal(second.made[0]?.abandoned, true);
});
