import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type ListenOptions } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../ground/clock/index.ts';
import { type AuditEntry, fromAuditLine, memoryJournal, verifyChain } from '../audit/index.ts';
import { openAuditTarget, otlpLogs, parseTargetAddress, syslogMessage } from './index.ts';

const journal = memoryJournal();
journal.write([
  {
    atMs: 1_764_000_000_123,
    action: 'token.create',
    facts: { token: 't1', expires: 9 },
    personal: { actor: 'Zoë "]\\\n', names: 'web' },
  },
  { atMs: 1_764_000_000_124, action: 'certificate.revoke', facts: { serials: ['0A', '0B'], yes: true }, personal: {} },
]);
const { entries } = journal;
const [first, second] = entries as readonly [AuditEntry, AuditEntry];

function target(address: string) {
  const parsed = parseTargetAddress(address);
  assert.ok(parsed !== undefined, address);
  return openAuditTarget(parsed, { clock: systemClock, hostname: 'ca1' });
}

/** What the message after the structured data says, as a receiver takes it. */
function entryIn(message: string): AuditEntry {
  return fromAuditLine(JSON.parse(message.slice(message.indexOf('] {') + 2)) as Parameters<typeof fromAuditLine>[0]);
}

test('a syslog message is one line of ASCII but for its parameters, and holds the whole entry', () => {
  const message = syslogMessage(first, { hostname: 'ca1' });
  const head = `<109>1 2025-11-24T16:00:00.123Z ca1 countersign - token.create [countersign@32473 sequence="1" hash="${first.hash}" token="t1" expires="9" actor="Zoë \\"\\]\\\\ " names="web"] {`;
  assert.equal(message.slice(0, head.length), head);
  assert.ok(!/[^\x20-\x7e]/.test(message.slice(head.length)));
  assert.deepEqual(
    verifyChain(entries.map((entry) => entryIn(syslogMessage(entry, { hostname: 'a b' })))).findings,
    [],
  );
  assert.match(
    syslogMessage(second, { hostname: 'a b' }),
    /^<109>1 \S+ - countersign .* serials="0A" serials="0B" yes="true"\]/,
  );
});

test('an erased value is in no message', async () => {
  const own = memoryJournal();
  own.write([{ atMs: 1, action: 'token.create', facts: {}, personal: { actor: 'zoe' } }]);
  await own.erasePersonal({ actor: 'zoe' }, { atMs: 2, action: 'personal.erase', facts: {}, personal: {} });
  for (const entry of own.entries) {
    assert.ok(!syslogMessage(entry, { hostname: '-' }).includes('zoe'));
    assert.ok(!JSON.stringify(otlpLogs([entry], 3)).includes('zoe'));
  }
});

test('addresses are told apart, and what is none is not taken for one', () => {
  assert.deepEqual(parseTargetAddress('udp://[::1]'), { kind: 'udp', host: '::1', port: 514, text: 'udp://[::1]' });
  assert.deepEqual(parseTargetAddress('tcp://log:6514'), {
    kind: 'tcp',
    host: 'log',
    port: 6514,
    text: 'tcp://log:6514',
  });
  assert.deepEqual(parseTargetAddress('unix:///run/l'), { kind: 'unix', path: '/run/l', text: 'unix:///run/l' });
  const urls = ['http://c:4318', 'https://c/otlp/v1/logs'].map((text) => parseTargetAddress(text));
  assert.deepEqual(
    urls.map((parsed) => parsed?.kind === 'otlp' && parsed.url),
    ['http://c:4318/v1/logs', 'https://c/otlp/v1/logs'],
  );
  for (const text of ['log:514', 'tcp://', 'tcp://log/path', 'unix://run/l', 'ftp://log', 'https://me:word@c'])
    assert.equal(parseTargetAddress(text), undefined, text);
});

test('by datagrams, one message each', async (t) => {
  const receiver = createSocket('udp4');
  t.after(() => receiver.close());
  const received: string[] = [];
  receiver.on('message', (message) => received.push(message.toString()));
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const sender = target(`udp://127.0.0.1:${String(receiver.address().port)}`);
  await sender.send(entries);
  await sender.close();
  while (received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(
    received,
    entries.map((entry) => syslogMessage(entry, { hostname: 'ca1' })),
  );
});

/** Collects until the sender ends. */
async function streamReceiver(t: TestContext, where: ListenOptions) {
  const all = Promise.withResolvers<string>();
  const server = createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket.on('end', () => all.resolve(text));
  });
  t.after(() => server.close());
  server.listen(where);
  await once(server, 'listening');
  return { server, all: all.promise };
}

test('on a stream, TCP or a Unix socket, each message is counted in octets', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const where of [{ host: '127.0.0.1', port: 0 }, { path: join(folder, 'log') }]) {
    const { server, all } = await streamReceiver(t, where);
    const sender = target(
      where.path === undefined
        ? `tcp://127.0.0.1:${String((server.address() as AddressInfo).port)}`
        : `unix://${where.path}`,
    );
    await sender.send([first]);
    await sender.send([second]);
    await sender.close();
    let rest = Buffer.from(await all);
    for (const entry of entries) {
      const space = rest.indexOf(' ');
      const end = space + 1 + Number(rest.subarray(0, space).toString());
      assert.equal(rest.subarray(space + 1, end).toString(), syslogMessage(entry, { hostname: 'ca1' }));
      rest = rest.subarray(end);
    }
    assert.equal(rest.length, 0);
  }
});

test('a receiver that is not there, or that goes away, is named; the next attempt connects anew', async (t) => {
  await assert.rejects(target('tcp://127.0.0.1:1').send(entries), { code: 'CS-AUDIT-003' });
  await assert.rejects(target('http://127.0.0.1:1').send(entries), { code: 'CS-AUDIT-003' });
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    if (connections === 1) socket.destroy();
    else socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const sender = target(`tcp://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  // The first write may still be taken by the kernel before the end is known.
  await sender.send([first]).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await assert.rejects(
    sender.send([first]).then(() => sender.send([first])),
    { code: 'CS-AUDIT-003' },
  );
  await sender.send([first]);
  assert.ok(connections >= 2);
  await sender.close();
});

interface Collector {
  readonly url: string;
  readonly bodies: unknown[];
}

async function collector(
  t: TestContext,
  answer: (count: number) => { status: number; body: string },
): Promise<Collector> {
  const bodies: unknown[] = [];
  const server = createHttpServer((request: IncomingMessage, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      assert.equal(`${request.method ?? ''} ${request.url ?? ''}`, 'POST /v1/logs');
      assert.equal(request.headers['content-type'], 'application/json');
      bodies.push(JSON.parse(text));
      const { status, body } = answer(bodies.length);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, bodies };
}

test('a collector gets log records, again where it is busy; what it does not take is told', async (t) => {
  const busy = await collector(t, (count) => ({ status: count === 1 ? 503 : 200, body: '{"partialSuccess":{}}' }));
  const sender = target(busy.url);
  await sender.send(entries);
  await sender.close();
  assert.equal(busy.bodies.length, 2);
  const [{ scopeLogs }] = (
    busy.bodies[1] as { resourceLogs: [{ scopeLogs: [{ logRecords: Record<string, unknown>[] }] }] }
  ).resourceLogs;
  const [record] = scopeLogs[0].logRecords;
  assert.equal(record!['timeUnixNano'], '1764000000123000000');
  assert.equal(record!['eventName'], 'countersign.audit.token.create');
  assert.deepEqual((record!['attributes'] as unknown[])[0], {
    key: 'countersign.audit.sequence',
    value: { intValue: '1' },
  });

  for (const answer of [
    { status: 400, body: '{}' },
    { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}' },
  ]) {
    const strict = await collector(t, () => answer);
    const other = target(strict.url);
    await assert.rejects(other.send(entries), { code: 'CS-AUDIT-003' });
    await other.close();
  }
});
