import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';

import { manualClock, systemClock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { ServerEvent } from '../../issuing/server/index.ts';
import { Redactor } from '../../runtime/telemetry/index.ts';
import { createOutput } from '../output/output.ts';
import { createUpLog, type UpLogOptions } from './up-log.ts';

function stream(write: (text: string) => void = () => undefined): NodeJS.WriteStream {
  const writable = new Writable({
    write: (data: Buffer, _, done) => {
      write(data.toString());
      done();
    },
  });
  return writable as unknown as NodeJS.WriteStream;
}

const options: Pick<UpLogOptions, 'redactor' | 'journal' | 'level'> = {
  redactor: new Redactor(),
  journal: false,
  level: () => 'info',
};

function refused(address: string, path = '/'): ServerEvent {
  const refusal = new Refusal('CS-ACCESS-004', { method: 'GET', path });
  return { event: 'refused', refusal, endpoint: 'GET /', address };
}

test('a log that nobody reads does not fill the memory', () => {
  const stuck = new Writable({ write: () => undefined }) as unknown as NodeJS.WriteStream;
  const output = createOutput(true, { stdout: stuck, stderr: stuck, env: {} });
  const log = createUpLog({ ...options, output, clock: systemClock, format: 'json' });
  for (let count = 0; count < 1000; count++)
    log.event({ event: 'failed', what: 'x'.repeat(15_000), why: 'nobody reads' });
  assert.ok(stuck.writableLength < 2 * 1024 * 1024, String(stuck.writableLength));
  assert.ok(stuck.writableLength > 1024 * 1024);
});

test('a flood of refusals is one line a second for each code and address, with what was left out', () => {
  const clock = manualClock(0);
  let said = '';
  const output = createOutput(false, { stdout: stream((text) => (said += text)), stderr: stream(), env: {} });
  const log = createUpLog({ ...options, output, clock, format: 'json' });
  for (let port = 0; port < 1000; port++) log.event(refused(`192.0.2.1:${String(port)}`));
  assert.equal(said.trim().split('\n').length, 1);
  clock.advance(1_500);
  log.event(refused('192.0.2.1:1'));
  const lines = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; code: string; fields: { count?: number } });
  assert.deepEqual(
    lines.map(({ event, fields }) => [event, fields.count]),
    [
      ['peer-refused', undefined],
      ['refusals-left-out', 999],
      ['peer-refused', undefined],
    ],
  );
});

test('a flood from many addresses is bounded, too', () => {
  const clock = manualClock(0);
  let said = '';
  const output = createOutput(false, { stdout: stream((text) => (said += text)), stderr: stream(), env: {} });
  const log = createUpLog({ ...options, output, clock, format: 'text' });
  for (let host = 0; host < 5000; host++) log.event(refused(`10.0.${String(host >> 8)}.${String(host & 255)}:9`));
  clock.advance(1_500);
  const lines = said.trim().split('\n');
  assert.equal(lines.length, 21);
  assert.match(lines.at(-1) ?? '', /CS-ACCESS-004 and 4980 more like it, left out/);
});

test('the level decides what is said, and can change', () => {
  let said = '';
  let level: 'info' | 'error' = 'error';
  const output = createOutput(false, { stdout: stream((text) => (said += text)), stderr: stream(), env: {} });
  const log = createUpLog({ ...options, level: () => level, output, clock: manualClock(0), format: 'text' });
  log.event({ event: 'revoked', serials: ['AB'], number: 1 });
  assert.equal(said, '');
  level = 'info';
  log.event({ event: 'revoked', serials: ['AB'], number: 1 });
  assert.match(said, /revoked AB/);
});

test('the journal gets severities, and JSON without a secret in any field', () => {
  let said = '';
  const output = createOutput(false, { stdout: stream((text) => (said += text)), stderr: stream(), env: {} });
  const log = createUpLog({ ...options, journal: true, output, clock: manualClock(0), format: 'json' });
  log.event(refused('192.0.2.1:1', '/cs1_eyJhbGciOiJub25lIn0'));
  assert.match(said, /^<5>\{"time":/);
  assert.ok(!said.includes('eyJhbGci'), said);
  assert.equal((JSON.parse(said.slice(3)) as { code: string }).code, 'CS-ACCESS-004');
});
