import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinSeen } from './join-seen.ts';

const target = (url: string, isWell: boolean, requests: number) =>
  ({ upstream: 'plain', target: url, isWell, underWay: 1, requests, failed: isWell ? 0 : 2 }) as const;

test('a target that one worker leaves out is not well, and it is said which one', () => {
  const answers = [
    { worker: 1, status: 200, value: { targets: [target('http://a', true, 5), target('http://b', true, 1)] } },
    { worker: 2, status: 200, value: { targets: [target('http://a', false, 4), target('http://b', true, 2)] } },
  ];
  const seen = joinSeen('/status', answers, { workers: 2, generation: 1, draining: false, registry: undefined });
  assert.deepEqual((seen?.value as { targets: unknown }).targets, [
    { ...target('http://a', false, 9), underWay: 2, failed: 2, leftOutBy: [2] },
    { ...target('http://b', true, 3), underWay: 2, failed: 0, leftOutBy: [] },
  ]);
});
