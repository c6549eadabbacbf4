import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { wayBackOver } from './way-back.ts';

test('a way back has no getter of its own, which would give each request a hidden class that outlives it', () => {
  const way = wayBackOver(new ServerResponse(new IncomingMessage(new Socket())));
  assert.equal(way.begun, false);
  const own = Object.values(Object.getOwnPropertyDescriptors(way));
  assert.deepEqual(
    own.filter(({ get }) => get !== undefined),
    [],
  );
});
