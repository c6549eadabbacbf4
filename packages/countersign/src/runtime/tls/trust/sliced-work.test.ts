/** Work in slices. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '../../../ground/clock/index.ts';
import {
  fewest,
  mostEnds,
  type Sliceable,
  SlicedWork,
  type Urgency,
  urgentSliceMs,
  waitingSliceMs,
  type Worked,
} from './sliced-work.ts';

interface Item extends Sliceable {
  readonly name: string;
}

const item = (name: string): Item => ({ name, queued: undefined });
const items = (count: number, name: string): Item[] => Array.from({ length: count }, () => item(name));

/** A clock on which each thing that is worked on takes a millisecond. */
function slowWork(worked: Worked = 'seen'): {
  work: SlicedWork<Item>;
  done: string[];
  onWork: (listener: () => void) => void;
} {
  let now = 0;
  let listener = (): void => undefined;
  const done: string[] = [];
  const clock: Clock = { ...systemClock, monotonic: () => now };
  const work = new SlicedWork<Item>(clock, ({ name }) => {
    now += 1;
    done.push(name);
    listener();
    return worked;
  });
  return { work, done, onWork: (given) => (listener = given) };
}

async function slices(urgency: Urgency, mostMs: number): Promise<void> {
  const { work, done } = slowWork();
  // One is worked on to its end, however long it takes.
  const each = Math.max(1, mostMs);
  work.add(items(fewest + 3 * each, 'a'), urgency);
  work.begin();
  assert.equal(done.length, fewest);
  const after: number[] = [];
  while (work.pending > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    after.push(done.length);
  }
  assert.deepEqual(
    after,
    [1, 2, 3].map((nth) => fewest + nth * each),
  );
}

test('the first slice is over before it returns, and the others leave room in between; more of it where nothing is urgent', async () => {
  await slices('urgent', urgentSliceMs);
  await slices('waiting', waitingSliceMs);
});

test('an end counts for more than its time: no turn of the event loop has more than so many, whoever asks for them', async () => {
  const quick: Clock = { ...systemClock, monotonic: () => 0 };
  let [done, most] = [0, 0];
  const work = new SlicedWork<Item>(quick, () => {
    done++;
    return 'ended';
  });
  work.add(items(3 * mostEnds, 'a'), 'urgent');
  work.begin();
  assert.equal(done, mostEnds);
  work.begin();
  assert.equal(done, mostEnds, 'others are under way');
  for (let before = done; work.pending > 0; before = done) {
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, done - before);
  }
  assert.equal(most, mostEnds);
  // One after the other, as data comes in on each: they have no turn between them.
  await new Promise((resolve) => setImmediate(resolve));
  done = 0;
  for (const one of items(2 * mostEnds, 'b')) {
    work.add([one], 'urgent');
    work.begin();
  }
  assert.equal(done, mostEnds);
  await work.settled();
  assert.equal(done, 2 * mostEnds);
});

test('what was done before a slice counts as its time', () => {
  const { work, done } = slowWork();
  work.add(items(fewest + urgentSliceMs, 'a'), 'urgent');
  work.begin(-urgentSliceMs);
  assert.equal(done.length, fewest);
});

test('what is urgent comes first, also what waited until then, and nothing is worked on twice', async () => {
  const { work, done } = slowWork();
  const [first, second, third] = [item('first'), item('second'), item('third')];
  work.add([...items(fewest + 1, 'x'), first, second, third], 'waiting');
  work.begin();
  work.add([third, second, third], 'urgent');
  work.add([first, second], 'waiting');
  assert.equal(work.pending, 4);
  await work.settled();
  assert.deepEqual(done.slice(fewest), ['third', 'second', 'x', 'first']);
});

test('it is settled when what was added before is done, whatever came since', async () => {
  const { work, done, onWork } = slowWork();
  const add = (urgency: Urgency): void => work.add(items(1, 'later'), urgency);
  work.add(items(20, 'asked'), 'waiting');
  work.begin();
  // One comes for each that goes: it is never done.
  onWork(() => add('waiting'));
  await work.settled();
  onWork(() => undefined);
  assert.equal(done.filter((name) => name === 'asked').length, 20);
  assert.ok(work.pending > 0);
  await work.settled();
  assert.equal(work.pending, 0);
  await work.settled();
});
