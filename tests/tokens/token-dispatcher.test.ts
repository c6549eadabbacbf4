/** The dispatcher that gets bound tokens and keeps each with its credential, against our issuer and a resource that checks them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { type Dispatcher, request, fetch } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer, spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { thumbprint } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  type Credential,
  MutableSource,
  peerOf,
  type RequestHandler,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestPeers } from '../../packages/countersign/src/surfaces/testing/index.ts';
import {
  createTokenDispatcher,
  type TokenSettings,
} from '../../packages/countersign/src/traffic/token-client/index.ts';
import { quiet, startIssuer, startResource } from './token-house.ts';

interface Client {
  readonly dispatcher: Dispatcher;
  readonly credentials: MutableSource<Credential>;
}

function client(t: TestContext, peers: TestPeers, origins: string[], tokens: Partial<TokenSettings>): Client {
  const credentials = new MutableSource(peers.authority.issue('web'));
  const dispatcher = createTokenDispatcher(allowAnyPeer(), {
    trust: peers.trust,
    credentials,
    clock: systemClock,
    ...quiet,
    origins,
    tokens: { endpoint: 'https://127.0.0.1:1/token', issuer: spiffeId('spiffe://test.internal/issuer'), ...tokens },
  });
  t.after(() => dispatcher.destroy());
  return { dispatcher, credentials };
}

function printOf({ chain: [leaf] }: Credential): string {
  return thumbprint(leaf ?? assert.fail('no certificate'));
}

test('many callers wait for one token, and all are served with it', async (t) => {
  const peers = new TestPeers();
  const issuer = await startIssuer(t, peers);
  const resource = await startResource(t, peers, issuer, (_request, response, token) => response.end(token.subject));
  const { dispatcher } = client(t, peers, [resource], { endpoint: `${issuer.address}/token`, scope: 'read' });
  const answers = await Promise.all(
    Array.from({ length: 30 }, async (_, at) => {
      if (at % 2 === 0) return (await fetch(`${resource}/`, { dispatcher, headers: { 'x-a': '1' } })).text();
      const { body } = await request(`${resource}/`, { dispatcher, method: 'POST', body: 'x', headers: ['x-a', '1'] });
      return body.text();
    }),
  );
  assert.deepEqual([...new Set(answers)], ['spiffe://test.internal/web']);
  assert.equal(issuer.issued.length, 1);
});

test('no request is lost to rotations under load, and no token goes with another certificate', async (t) => {
  const peers = new TestPeers();
  const issuer = await startIssuer(t, peers);
  const seen = new Map<string, () => void>();
  const resource = await startResource(t, peers, issuer, (asked, response, { binding }) => {
    const { thumbprint: presented } = peerOf(asked);
    assert.deepEqual(binding, { kind: 'certificate', thumbprint: presented });
    seen.get(presented)?.();
    asked.resume().on('end', () => response.end('served'));
  });
  const { dispatcher, credentials } = client(t, peers, [resource], { endpoint: `${issuer.address}/token` });
  let rotating = true;
  const load = async (method: 'GET' | 'POST'): Promise<number> => {
    let served = 0;
    while (rotating) {
      const more = method === 'POST' ? { body: 'x'.repeat(1000) } : {};
      const { statusCode, body } = await request(`${resource}/`, { dispatcher, method, ...more });
      assert.deepEqual([statusCode, await body.text()], [200, 'served']);
      served += 1;
    }
    return served;
  };
  const loads = Promise.all([load('GET'), load('POST'), load('GET'), load('POST')]);
  for (let rotation = 0; rotation < 6; rotation += 1) {
    const next = peers.authority.issue('web');
    const used = new Promise<void>((resolve) => seen.set(printOf(next), resolve));
    credentials.set(next);
    await Promise.race([used, loads]);
  }
  rotating = false;
  const served = await loads;
  assert.ok(served.every((count) => count > 0));
  assert.equal(new Set(issuer.issued.map((one) => one.thumbprint)).size, issuer.issued.length);
});

test('the old credential serves with its token until the new one has one', async (t) => {
  const peers = new TestPeers();
  const held: (() => void)[] = [];
  let holding = false;
  const heard = new EventTarget();
  const before =
    (handler: RequestHandler): RequestHandler =>
    (asked, response) => {
      if (!holding) {
        handler(asked, response);
        return;
      }
      held.push(() => handler(asked, response));
      heard.dispatchEvent(new Event('asked'));
    };
  const issuer = await startIssuer(t, peers, { before });
  const seen: string[] = [];
  const resource = await startResource(t, peers, issuer, (asked, response) => {
    seen.push(peerOf(asked).thumbprint);
    response.end();
  });
  const { dispatcher, credentials } = client(t, peers, [resource], { endpoint: `${issuer.address}/token` });
  const ask = async (): Promise<string | undefined> => {
    await (await request(`${resource}/`, { dispatcher })).body.dump();
    return seen.at(-1);
  };
  const first = credentials.current();
  assert.equal(await ask(), printOf(first));
  holding = true;
  const asked = once(heard, 'asked');
  const second = peers.authority.issue('web');
  credentials.set(second);
  assert.equal(await ask(), printOf(first));
  await asked;
  assert.equal(await ask(), printOf(first));
  const third = peers.authority.issue('web');
  const askedAgain = once(heard, 'asked');
  credentials.set(third);
  await askedAgain;
  assert.equal(await ask(), printOf(first), 'over two rotations, too');
  holding = false;
  for (const act of held) act();
  while ((await ask()) !== printOf(third));
});

test('a token that is refused is replaced once, and a request that could have had an effect is not repeated', async (t) => {
  const peers = new TestPeers();
  const issuer = await startIssuer(t, peers);
  const methods: string[] = [];
  let refuse = 0;
  const resource = await startResource(t, peers, issuer, ({ method = '' }, response) => {
    methods.push(method);
    if (refuse > 0) {
      refuse -= 1;
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('refused');
    } else response.end('served');
  });
  const { dispatcher } = client(t, peers, [resource], { endpoint: `${issuer.address}/token` });
  const ask = async (method: 'GET' | 'POST'): Promise<[number, string]> => {
    const { statusCode, body } = await request(`${resource}/`, { dispatcher, method });
    return [statusCode, await body.text()];
  };
  refuse = 1;
  assert.deepEqual(await ask('GET'), [200, 'served']);
  assert.equal(issuer.issued.length, 2);
  refuse = 1;
  assert.equal(await (await fetch(`${resource}/`, { dispatcher })).text(), 'served');
  assert.equal(issuer.issued.length, 3);
  refuse = 2;
  assert.deepEqual(await ask('GET'), [401, 'refused'], 'once');
  refuse = 1;
  methods.length = 0;
  assert.deepEqual(await ask('POST'), [401, 'refused']);
  assert.deepEqual(methods, ['POST']);
  assert.deepEqual(await ask('POST'), [200, 'served'], 'and the next one has another token');
});

test('a token goes nowhere but where it is meant for, and what fails is said by name', async (t) => {
  const peers = new TestPeers();
  const issuer = await startIssuer(t, peers);
  const resource = await startResource(t, peers, issuer, (_request, response) => response.end());
  const endpoint = `${issuer.address}/token`;
  const codeOf = async (dispatcher: Dispatcher, to: string, headers = {}): Promise<string> => {
    try {
      await (await request(to, { dispatcher, headers })).body.dump();
      return 'served';
    } catch (error) {
      return isRefusal(error) ? error.code : String(error);
    }
  };
  const { dispatcher } = client(t, peers, [resource], { endpoint });
  assert.equal(await codeOf(dispatcher, `${issuer.address}/jwks`), 'CS-OAUTH-031');
  assert.equal(await codeOf(dispatcher, `${resource}/`), 'served');
  assert.match(await codeOf(dispatcher, `${resource}/`, { Authorization: 'Bearer x' }), /TypeError/);
  const others: readonly Partial<TokenSettings>[] = [
    {},
    { endpoint: `${issuer.address}/nothing` },
    { endpoint, clientId: 'nobody' },
    { endpoint, issuer: spiffeId('spiffe://test.internal/another') },
  ];
  for (const tokens of others)
    assert.equal(await codeOf(client(t, peers, [resource], tokens).dispatcher, `${resource}/`), 'CS-OAUTH-030');
});

test('an issuer that answers nonsense, without end or not at all is given up, and said to be', async (t) => {
  const peers = new TestPeers();
  const issuer = await startIssuer(t, peers);
  const resource = await startResource(t, peers, issuer, (_request, response) => response.end());
  const good = { access_token: 'a.b.c', token_type: 'Bearer', expires_in: 300 };
  const answers: Readonly<Record<string, RequestHandler>> = {
    'no JSON': (_asked, response) => response.end('<html>'),
    'a member twice': (_asked, response) =>
      response.end('{"access_token":"a","access_token":"b","token_type":"Bearer","expires_in":300}'),
    'another type': (_asked, response) => response.end(JSON.stringify({ ...good, token_type: 'DPoP' })),
    'without an end': (_asked, response) => response.end(JSON.stringify({ ...good, expires_in: undefined })),
    'a header in it': (_asked, response) => response.end(JSON.stringify({ ...good, access_token: 'a\r\nX: y' })),
    'too long a token': (_asked, response) => response.end(JSON.stringify({ ...good, access_token: 'a'.repeat(9000) })),
    'too long an answer': (_asked, response) => response.end(' '.repeat(100_000) + JSON.stringify(good)),
    elsewhere: (_asked, response) => response.writeHead(307, { location: `${issuer.address}/token` }).end(),
    'no answer': () => undefined,
  };
  for (const [what, handler] of Object.entries(answers)) {
    const other = await startIssuer(t, peers, { before: () => handler });
    const tokens = { endpoint: `${other.address}/token`, ...(what === 'no answer' && { timeoutMs: 100 }) };
    const { dispatcher } = client(t, peers, [resource], tokens);
    await assert.rejects(
      request(`${resource}/`, { dispatcher }),
      (error) => isRefusal(error) && error.code === 'CS-OAUTH-030',
      what,
    );
  }
});
