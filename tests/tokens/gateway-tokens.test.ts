/** The gateway's settings of tokens, each seen to hold in a running gateway over mutual TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { fetch } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { allowAnyPeer, spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { createDispatcher, fixedSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { checkText } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { TestPeers } from '../../packages/countersign/src/surfaces/testing/index.ts';
import {
  audience,
  authority,
  call,
  certified,
  issuer,
  keySet,
  loaded,
  outcome,
  tokenGateway,
  tokenOf,
  written,
} from './token-gateway.ts';
import { startIssuer } from './token-house.ts';
import { listeningOn } from '../fixtures/gateway/listening-on.ts';

const tokens = (more = ''): string =>
  `{ bank: { issuer: '${issuer}', audience: '${audience}', jwks: keys.json${more} } }`;
const [acme, beta] = [certified('acme'), certified('beta')];
const good = await tokenOf({ bound: acme, claims: { scope: 'read write' } });

test('a route that asks for a token lets in who has one of his own, and answers others as RFC 6750 says', async (t) => {
  const at = await tokenGateway(t, { tokens: tokens(), token: '{ source: bank, scopes: [read] }' });
  assert.equal(await outcome(at, { as: acme, token: good }), '200 reached');
  // What was looked at is for nobody behind.
  assert.equal(at.reached[0]?.authorization, undefined);
  assert.deepEqual(await call(at, { as: acme }), { said: '401 CS-BEARER-001', challenge: 'Bearer scope="read"' });
  const other = await call(at, { as: beta, token: good });
  assert.equal(other.said, '401 CS-BEARER-013');
  assert.match(other.challenge ?? '', /^Bearer error="invalid_token"/);
  const scopeless = await call(at, { as: acme, token: await tokenOf({ bound: acme }) });
  assert.equal(scopeless.said, '403 CS-BEARER-016');
  assert.match(scopeless.challenge ?? '', /error="insufficient_scope".*scope="read"/);
  const dpop = await tokenOf({ bound: acme, claims: { cnf: { jkt: 'x' } } });
  assert.equal(await outcome(at, { as: acme, token: dpop }), '401 CS-BEARER-003');
  assert.equal(await outcome(at, { as: acme, headers: { authorization: 'DPoP abc' } }), '401 CS-BEARER-002');
  assert.deepEqual(
    at.records.map(({ decision, code }) => code ?? decision),
    ['allowed', ...['001', '013', '016', '003', '002'].map((number) => `CS-BEARER-${number}`)],
  );
});

test('a connection becomes a WebSocket by a token of its own alone', async (t) => {
  const at = await tokenGateway(t, { tokens: tokens(), token: '{ source: bank }' });
  const headers = { connection: 'upgrade', upgrade: 'websocket' };
  for (const [as, token, expected] of [
    [acme, undefined, '401 CS-BEARER-001'],
    [beta, good, '401 CS-BEARER-013'],
    // The program knows no WebSocket, and answers it as any other request.
    [acme, good, '200 reached'],
  ] as const)
    assert.equal(await outcome(at, { as, token, headers }), expected);
  assert.deepEqual(
    at.reached.map(({ upgrade, authorization }) => [upgrade, authorization]),
    [['websocket', undefined]],
  );
  assert.deepEqual(
    at.records.map(({ decision, status }) => `${decision} ${String(status)}`),
    ['denied 401', 'denied 401'],
  );
});

test('the Authorization header goes on where the route says so', async (t) => {
  const at = await tokenGateway(t, { tokens: tokens(), token: '{ source: bank, forward: true }' });
  assert.equal(await outcome(at, { as: acme, token: good }), '200 reached');
  assert.equal(at.reached[0]?.authorization, `Bearer ${good}`);
});

test('a token that is bound to nothing counts where it is allowed by name, and its identity is compared all the same', async (t) => {
  const unbound = await tokenOf({});
  const closed = await tokenGateway(t, { tokens: tokens(), token: '{ source: bank }' });
  assert.equal(await outcome(closed, { as: acme, token: unbound }), '401 CS-BEARER-014');
  const open = await tokenGateway(t, { tokens: tokens(), token: '{ source: bank, unbound: allowed }' });
  assert.equal(await outcome(open, { as: acme, token: unbound }), '200 reached');
  assert.equal(await outcome(open, { as: beta, token: unbound }), '401 CS-BEARER-015');
  assert.equal(await outcome(open, { as: beta, token: good }), '401 CS-BEARER-013');
});

test('a client is the partner, or the SPIFFE ID, that the configuration says', async (t) => {
  const clients = `, clients: { app: acme, robot: 'spiffe://${authority.trustDomain}/beta' }`;
  const at = await tokenGateway(t, { tokens: tokens(clients), token: '{ source: bank }' });
  const next = certified('acme-next');
  for (const as of [acme, next])
    assert.equal(await outcome(at, { as, token: await tokenOf({ client: 'app', bound: as }) }), '200 reached');
  assert.equal(await outcome(at, { as: beta, token: await tokenOf({ client: 'robot', bound: beta }) }), '200 reached');
  for (const [client, as] of [
    ['app', beta],
    ['robot', acme],
    ['nobody', acme],
  ] as const)
    assert.equal(await outcome(at, { as, token: await tokenOf({ client, bound: as }) }), '401 CS-BEARER-015', client);
});

test('algorithms and clock tolerance are the ones that are written', async (t) => {
  const strict = ', algorithms: [PS256], clockToleranceMs: 60000';
  const narrow = await tokenGateway(t, { tokens: tokens(strict), token: '{ source: bank }' });
  assert.equal(await outcome(narrow, { as: acme, token: good }), '401 CS-BEARER-006');
  const ahead = await tokenOf({ bound: acme, now: Date.now() + 40_000 });
  const exact = await tokenGateway(t, { tokens: tokens(), token: '{ source: bank }' });
  assert.equal(await outcome(exact, { as: acme, token: ahead }), '401 CS-BEARER-012');
  const lenient = await tokenGateway(t, { tokens: tokens(', clockToleranceMs: 60000'), token: '{ source: bank }' });
  assert.equal(await outcome(lenient, { as: acme, token: ahead }), '200 reached');
});

test('a route that observes whom it allows asks for the token all the same; token.observe lets through, and tells', async (t) => {
  const enforced = await tokenGateway(t, { tokens: tokens(), token: '{ source: bank }', more: ', observe: true' });
  assert.equal(await outcome(enforced, { as: certified('stranger') }), '401 CS-BEARER-001');
  const at = await tokenGateway(t, { tokens: tokens(), token: '{ source: bank, observe: true }' });
  assert.equal(await outcome(at, { as: acme }), '200 reached');
  assert.equal(await outcome(at, { as: beta, token: good }), '200 reached');
  assert.equal(at.reached[1]?.authorization, undefined);
  assert.equal(await outcome(at, { as: undefined, token: good, host: 'either.test' }), '401 CS-BEARER-013');
  assert.deepEqual(
    at.records.map(({ decision, code }) => `${decision} ${String(code)}`),
    ['observed CS-BEARER-001', 'observed CS-BEARER-013', 'denied CS-BEARER-013'],
  );
});

test('a reload exchanges what is asked, and what is not changed is not fetched again', async (t) => {
  let fetched = 0;
  const keysPort = await listeningOn(t, (_request, response) => {
    fetched += 1;
    response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(JSON.stringify(keySet));
  });
  const byAddress = `{ bank: { issuer: '${issuer}', audience: '${audience}', jwks: 'http://127.0.0.1:${keysPort}/jwks' } }`;
  const at = await tokenGateway(t, { tokens: byAddress });
  assert.equal(await outcome(at, { as: acme }), '200 reached');
  const apply = async (source: string, token: string | undefined): Promise<void> => {
    at.gateway.apply(await loaded(written(at.upstreamPort, { tokens: source, token })));
  };
  await apply(byAddress, '{ source: bank }');
  assert.equal(await outcome(at, { as: acme }), '401 CS-BEARER-001');
  assert.equal(await outcome(at, { as: acme, token: good }), '200 reached');
  await apply(byAddress, '{ source: bank, scopes: [admin] }');
  assert.equal(await outcome(at, { as: acme, token: good }), '403 CS-BEARER-016');
  assert.equal(await outcome(at, { as: acme, token: await tokenOf({ bound: acme }) }), '403 CS-BEARER-016');
  assert.equal(fetched, 1);
  await apply(byAddress.replace(audience, 'https://other.test'), '{ source: bank }');
  assert.equal(await outcome(at, { as: acme, token: good }), '401 CS-BEARER-010');
  assert.equal(fetched, 2);
});

test('who gives up while keys are fetched is not asked for behind, over HTTP/2 as well', async (t) => {
  let answerKeys: (() => void) | undefined;
  let heard: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (heard = resolve));
  const keysPort = await listeningOn(t, (_request, response) => {
    answerKeys = (): void =>
      void response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(JSON.stringify(keySet));
    heard();
  });
  const source = `{ bank: { issuer: '${issuer}', audience: '${audience}', jwks: 'http://127.0.0.1:${keysPort}/jwks' } }`;
  const at = await tokenGateway(t, { tokens: source, token: '{ source: bank }' });
  const session = connectHttp2(`https://127.0.0.1:${at.port}`, {
    ...{ servername: 'api.test', rejectUnauthorized: false, key: acme.privateKey.toPem() },
    cert: acme.chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
  });
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/gone', ':authority': 'api.test', authorization: `Bearer ${good}` });
  stream.on('error', () => undefined);
  await asked;
  stream.close(constants.NGHTTP2_CANCEL);
  // What is answered after it came after it, on the same connection.
  await new Promise((resolve) => session.ping(resolve));
  answerKeys?.();
  assert.equal(await outcome(at, { as: acme, token: good }), '200 reached');
  assert.equal(at.reached.length, 1);
});

test('who asks for an upgrade and resets the connection while keys are fetched ends nothing but that, and is told of', async (t) => {
  let heard: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (heard = resolve));
  const keysPort = await listeningOn(t, () => heard());
  const source = `{ bank: { issuer: '${issuer}', audience: '${audience}', jwks: 'http://127.0.0.1:${keysPort}/jwks' } }`;
  const at = await tokenGateway(t, { tokens: source, token: '{ source: bank }' });
  const tcp = connectTcp(at.port, '127.0.0.1');
  const socket = connectTls({
    ...{ socket: tcp, servername: 'api.test', rejectUnauthorized: false, key: acme.privateKey.toPem() },
    cert: acme.chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
  }).on('error', () => undefined);
  await once(socket, 'secureConnect');
  const upgrade = 'connection: upgrade\r\nupgrade: websocket';
  socket.write(`GET /ws HTTP/1.1\r\nhost: api.test\r\n${upgrade}\r\nauthorization: Bearer ${good}\r\n\r\n`);
  await asked;
  tcp.resetAndDestroy();
  while (at.records.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    at.records.map(({ path, status }) => [path, status]),
    [['/ws', undefined]],
  );
  assert.equal(at.reached.length, 0);
});

test('who waits for keys while another configuration comes is asked what that one asks, and counted once', async (t) => {
  let release: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    release = resolve;
  });
  let answerKeys: (() => void) | undefined;
  const keysPort = await listeningOn(t, (_request, response) => {
    answerKeys = (): void =>
      void response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(JSON.stringify(keySet));
    release();
  });
  const source = `{ bank: { issuer: '${issuer}', audience: '${audience}', jwks: 'http://127.0.0.1:${keysPort}/jwks' } }`;
  const limits = ', limits: { requestsPerDay: 2 }';
  const at = await tokenGateway(t, { tokens: source, token: '{ source: bank }', more: limits });
  const plainly = await tokenOf({ bound: acme });
  const waiting = outcome(at, { as: acme, token: plainly });
  await asked;
  const strict = { tokens: source, token: '{ source: bank, scopes: [admin] }', more: limits };
  at.gateway.apply(await loaded(written(at.upstreamPort, strict)));
  answerKeys?.();
  assert.equal(await waiting, '403 CS-BEARER-016');
  assert.equal(at.reached.length, 0);
  const admin = await tokenOf({ bound: acme, claims: { scope: 'admin' } });
  assert.equal(await outcome(at, { as: acme, token: admin }), '200 reached');
  assert.match(await outcome(at, { as: acme, token: admin }), /^429 /);
});

async function issued(t: TestContext, { trust }: TestPeers, address: string): Promise<string> {
  const options = { trust, clock: systemClock, credentials: fixedSource(acme) };
  const dispatcher = createDispatcher(allowAnyPeer(), options);
  t.after(() => dispatcher.destroy());
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'acme-app' });
  const answer = (await (await fetch(`${address}/token`, { method: 'POST', body, dispatcher })).json()) as object;
  assert.ok('access_token' in answer, JSON.stringify(answer));
  return String(answer.access_token);
}

test('keys and introspection are had by mutual TLS, and only of the server that is named', async (t) => {
  const peers = new TestPeers({ authority });
  const house = await startIssuer(t, peers, {
    registrations: [
      {
        client_id: 'acme-app',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_san_uri: `spiffe://${authority.trustDomain}/acme`,
        resources: [audience],
      },
    ],
    resourceServers: [{ resource: audience, who: spiffeId(`spiffe://${authority.trustDomain}/gateway`) }],
  });
  const token = await issued(t, peers, house.address);
  const door = (server: string): string =>
    `credential: main, trust: ${authority.trustDomain}, server: 'spiffe://${authority.trustDomain}/${server}', clients: { acme-app: acme }`;
  for (const source of [`jwks: '${house.address}/jwks'`, `introspection: { url: '${house.address}/introspect' }`]) {
    const section = (server: string): string =>
      `{ bank: { issuer: '${house.address}', audience: '${audience}', ${source}, ${door(server)} } }`;
    const at = await tokenGateway(t, { tokens: section('issuer'), token: '{ source: bank }' });
    assert.equal(await outcome(at, { as: acme, token }), '200 reached', source);
    const wrong = await tokenGateway(t, { tokens: section('somebody'), token: '{ source: bank }' });
    assert.match(await outcome(wrong, { as: acme, token }), /^503 CS-BEARER-01[89]$/, source);
  }
});

const problems = async (source: string, token = '{ source: bank }'): Promise<readonly string[]> => {
  const checked = await checkText(written(1, { tokens: source, token }));
  return 'file' in checked
    ? []
    : checked.problems.map(
        ({ code, evidence }) => `${code.slice(-3)} ${String(evidence['setting'] ?? evidence['route'])}`,
      );
};

test('what is mistyped, half said or can not hold is refused, with its place', async () => {
  assert.deepEqual(await problems(tokens()), []);
  assert.deepEqual(await problems(tokens(', jwksUri: x')), ['002 tokens.bank.jwksUri']);
  assert.deepEqual(
    await problems(tokens(), '{ source: bnak }'),
    [0, 1].map((at) => `004 routes[${at}].token.source`),
  );
  assert.deepEqual(
    await problems(tokens(), '{ source: bank, unbound: allow }'),
    [0, 1].map((at) => `003 routes[${at}].token.unbound`),
  );
  assert.deepEqual(await problems(tokens(", introspection: { url: 'https://issuer.test/i' }")), ['003 tokens.bank']);
  assert.deepEqual(await problems(tokens().replace('keys.json', "'http://issuer.test/jwks'")), [
    '003 tokens.bank.jwks',
  ]);
  assert.deepEqual(await problems(tokens(', credential: main')), ['003 tokens.bank.credential']);
  assert.deepEqual(await problems(tokens(', clients: { a: acem }')), ['004 tokens.bank.clients.a']);
  assert.deepEqual(await problems(tokens(', algorithms: [RS256]')), ['003 tokens.bank.algorithms[0]']);
  const plainHost = written(1, { tokens: tokens(), token: '{ source: bank }' }).replace(
    'optional, credential: main, trust: [test.internal]',
    'none, credential: main',
  );
  const checked = await checkText(plainHost);
  assert.deepEqual('problems' in checked && checked.problems.map(({ code }) => code), ['CS-GATEWAY-007']);
});
