/** Server-sent events out of the text of a stream. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventStream } from './event-stream.ts';

test('events come out of any cutting of the text', () => {
  const text =
    ': comment\r\nevent: state\r\ndata: a\r\ndata: b\r\n\r\nid: 7\ndata:c\n\nevent: lost\n\ndata\r\rretry: 5\n\n';
  for (let size = 1; size <= text.length; size++) {
    const stream = new EventStream(100);
    const events = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
      stream.push(text.slice(index * size, (index + 1) * size)),
    );
    assert.deepEqual(
      events.flat(),
      [
        { name: 'state', data: 'a\nb' },
        { name: 'message', data: 'c' },
        { name: 'message', data: '' },
      ],
      `pieces of ${size}`,
    );
  }
});

test('an event is bounded', () => {
  assert.throws(() => new EventStream(100).push('data: '.concat('x'.repeat(200))), RangeError);
  const stream = new EventStream(100);
  assert.throws(() => {
    for (let line = 0; line < 10; line++) stream.push(`data: ${'x'.repeat(20)}\n`);
  }, RangeError);
});
