import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import type { HeaderList } from '../../relay/index.ts';
import { traceIdIn, withSoundTraces } from './traces.ts';
import { configurationFrom } from '../../../../../../tests/fixtures/gateway/configurations.ts';
import { listeningOn } from '../../../../../../tests/fixtures/gateway/listening-on.ts';
import { openGateway } from '../../../../../../tests/fixtures/gateway/open-gateway.ts';
import { presented } from '../../../../../../tests/fixtures/presented.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = `00-${traceId}-00f067aa0ba902b7-01`;
const state = 'rojo=00f067aa0ba902b7,tenant@congo=t61rcWkgMzE,,a*/_-=~';

const passed = (...headers: HeaderList): HeaderList => withSoundTraces(() => headers)({} as never);

test('a trace goes on as it came, in its spelling, its order and its lines', () => {
  const whole: readonly HeaderList[] = [
    [['accept', '*/*']],
    [['TraceParent', parent]],
    [['traceparent', `cc-${traceId}-00f067aa0ba902b7-01-what-comes-later`]],
    [
      ['tracestate', 'one=1'],
      ['host', 'a.test'],
      ['traceparent', parent],
      ['tracestate', state],
    ],
  ];
  for (const headers of whole) assert.deepEqual(passed(...headers), headers);
  assert.equal(traceIdIn(['Host', 'a.test', 'TraceParent', parent]), traceId);
});

test('one that is malformed, or comes twice, is taken off with its state; nothing else is', () => {
  const bad = [
    '',
    'none',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `ff-${traceId}-00f067aa0ba902b7-01`,
    `${parent}-more`,
    parent.toUpperCase(),
    `${parent}, ${parent}`,
  ];
  for (const value of bad) {
    assert.deepEqual(passed(['a', 'b'], ['traceparent', value], ['tracestate', 'one=1']), [['a', 'b']], value);
    assert.equal(traceIdIn(['traceparent', value]), undefined);
  }
  assert.deepEqual(passed(['traceparent', parent], ['traceparent', parent], ['a', 'b']), [['a', 'b']]);
  assert.equal(traceIdIn(['traceparent', parent, 'traceparent', parent]), undefined);
  assert.deepEqual(passed(['tracestate', 'one=1']), [], 'a state of no trace');
});

test('a state that can not be read is taken off alone', () => {
  const many = Array.from({ length: 33 }, (_, at) => `k${String(at)}=v`).join();
  for (const value of ['one', '=1', 'ONE=1', 'one=a=b', 'one=1,one=2', 'one=\u00e9', `${'k'.repeat(257)}=v`, many])
    assert.deepEqual(passed(['traceparent', parent], ['tracestate', value]), [['traceparent', parent]], value);
});

const authority = new TestAuthority();
const domain = authority.trustDomain;

const named = ['traceparent', 'tracestate'] as const;

test('over HTTP/1.1 and HTTP/2 the service gets both, and the log says which trace it was', async (t) => {
  const streams = createHttp2Server().on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.respond({ ':status': 200 });
    stream.end(JSON.stringify(named.map((name) => headers[name])));
  });
  const one = await listeningOn(t, ({ headers }, response) =>
    response.end(JSON.stringify(named.map((name) => headers[name]))),
  );
  const two = await listeningOn(t, streams);
  const written = `version: 1
listen: { port: 0 }
credentials: { main: { folder: unused } }
trust: { ${domain}: { anchors: [unused] } }
partners: [{ name: acme, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/acme }] }]
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes:
  - { name: one, host: api.test, path: /one, allow: [acme], upstream: one }
  - { name: two, host: api.test, path: /two, allow: [acme], upstream: two }
upstreams: { one: { targets: ['http://127.0.0.1:${String(one)}'] }, two: { targets: ['h2c://127.0.0.1:${String(two)}'] } }
`;
  const credentials = new Map([['main', authority.issue('gateway')]]);
  const bundles = new Map([[domain, authority.bundle()]]);
  const { port, records } = await openGateway(t, await configurationFrom(written, { credentials, bundles }));
  const tls = presented(authority.issue('acme'));
  const asked = async (path: string, headers: Record<string, string>): Promise<unknown> => {
    const asking = httpsRequest({
      ...{ host: '127.0.0.1', port, path, servername: 'api.test', agent: false, rejectUnauthorized: false },
      ...{ ...tls, headers: { host: 'api.test', ...headers } },
    }).end();
    const [answer] = (await once(asking, 'response')) as [AsyncIterable<Buffer>];
    let body = '';
    for await (const piece of answer) body += piece.toString();
    return JSON.parse(body);
  };
  for (const path of ['/one', '/two']) {
    assert.deepEqual(await asked(path, { traceparent: parent, tracestate: state }), [parent, state], path);
    assert.deepEqual(await asked(path, { traceparent: 'none', tracestate: state }), [null, null], path);
  }
  // Told when the last answer is over at the gateway, too.
  while (records.length < 4) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    records.map((record) => record.traceId),
    [traceId, undefined, traceId, undefined],
  );
});
