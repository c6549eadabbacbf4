/** Mutual TLS between our own server and clients, in both stages. */
import assert from 'node:assert/strict';
import { get as httpsGet } from 'node:https';
import { test, type TestContext } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { request } from 'undici';
import { systemClock } from '../../../ground/clock/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer, spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import {
  connect,
  createDispatcher,
  createHttpsAgent,
  createServer,
  fixedSource,
  isVerifiedPeer,
  peerOf,
  Trust,
  type Credential,
  type Listening,
} from '../index.ts';

const authority = new TestAuthority();
const stranger = new TestAuthority();
const web = authority.issue('web');
const clock = systemClock;

function newTrust(of: TestAuthority = authority): Trust {
  return new Trust({ bundles: fixedSource(of.bundles()), revocations: fixedSource(withoutRevocation), clock });
}

async function serving(t: TestContext, refusals: Refusal[] = []): Promise<Listening> {
  const server = createServer(
    spiffeId('spiffe://test.internal/web'),
    {
      trust: newTrust(),
      credentials: fixedSource(authority.issue('orders')),
      clock,
      onRefusal: (refusal) => refusals.push(refusal),
    },
    (req, res) => res.end(peerOf(req).name),
  );
  t.after(() => server.close({ graceMs: 0 }));
  return server.listen({ host: '127.0.0.1', port: 0 });
}

function clientOf(
  credential: Credential,
  trust: Trust = newTrust(),
): { trust: Trust; credentials: ReturnType<typeof fixedSource<Credential>>; clock: typeof clock } {
  return { trust, credentials: fixedSource(credential), clock };
}

const orders = spiffeId('spiffe://test.internal/orders');

test('undici, node:https and a bare connection are let in and see who the server is', async (t) => {
  const { port } = await serving(t);
  const dispatcher = createDispatcher(orders, clientOf(web));
  t.after(() => dispatcher.close());
  const answer = await request(`https://127.0.0.1:${port}/`, { dispatcher });
  assert.equal(answer.statusCode, 200);
  assert.equal(await answer.body.text(), 'spiffe://test.internal/web');

  const agent = createHttpsAgent(orders, clientOf(web));
  t.after(() => agent.destroy());
  assert.equal(await textOf(`https://127.0.0.1:${port}/`, agent), 'spiffe://test.internal/web');

  const { socket, peer } = await connect(orders, { ...clientOf(web), host: '127.0.0.1', port });
  socket.destroy();
  assert.ok(isVerifiedPeer(peer));
  assert.equal(peer.spiffeId, 'spiffe://test.internal/orders');
});

function textOf(url: string, agent: ReturnType<typeof createHttpsAgent>): Promise<string> {
  return new Promise((resolve, reject) => {
    httpsGet(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

test('each stranger is refused on the server under its own code', async (t) => {
  const refusals: Refusal[] = [];
  const { port } = await serving(t, refusals);
  const strangers: [string, Credential | undefined, string][] = [
    ['no certificate', undefined, 'CS-PEER-001'],
    ['another authority', stranger.issue('web'), 'CS-PEER-002'],
    ['expired', authority.issue('web', { notAfterMs: -10_000 }), 'CS-PEER-003'],
    ['not yet valid', authority.issue('web', { notBeforeMs: 600_000, notAfterMs: 700_000 }), 'CS-PEER-004'],
    ['wrong name', authority.issue('cron'), 'CS-PEER-007'],
    ['for servers only', authority.issue('web', { usages: ['1.3.6.1.5.5.7.3.1'] }), 'CS-PEER-012'],
    [
      'claims a foreign trust domain',
      authority.issue('web', { names: { uri: ['spiffe://other.test/web'] } }),
      'CS-PEER-009',
    ],
    ['another authority, RSA aside, Ed25519', new TestAuthority({ keyType: 'Ed25519' }).issue('web'), 'CS-PEER-002'],
  ];
  for (const [name, credential, code] of strangers) {
    refusals.length = 0;
    const answer = await bareRequest(port, credential);
    assert.deepEqual(
      refusals.map((refusal) => refusal.code),
      [code],
      `${name}: ${refusals.map(String).join()} ${answer}`,
    );
    assert.doesNotMatch(answer, /200 OK/, name);
    if (code === 'CS-PEER-007') {
      assert.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n/);
      assert.match(answer, /"code":"CS-PEER-007"/);
      assert.doesNotMatch(answer, /spiffe:/);
    }
  }
});

/** A client of node:tls alone that sends a request and reads to the end. */
function bareRequest(port: number, credential: Credential | undefined): Promise<string> {
  return new Promise((resolve) => {
    const pem = (credential?.chain ?? [])
      .map((der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`)
      .join('');
    const socket = tlsConnect({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ...(credential === undefined ? {} : { key: credential.privateKey.toPem(), cert: pem }),
    });
    let text = '';
    socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
    socket.on('data', (part: Buffer) => (text += part.toString()));
    socket.on('error', (error) => (text += String(error)));
    socket.on('close', () => resolve(text));
  });
}

test('a client refuses a server of another identity or authority before it sends a byte', async (t) => {
  const { port } = await serving(t);
  const where = { host: '127.0.0.1', port };
  await assert.rejects(
    connect(spiffeId('spiffe://test.internal/payments'), { ...clientOf(web), ...where }),
    (error) => isRefusal(error) && error.code === 'CS-PEER-007',
  );
  await assert.rejects(
    connect(allowAnyPeer(), { ...clientOf(web, newTrust(stranger)), ...where }),
    (error) => isRefusal(error) && error.code === 'CS-PEER-002',
  );
  const dispatcher = createDispatcher(spiffeId('spiffe://test.internal/payments'), clientOf(web));
  t.after(() => dispatcher.close());
  await assert.rejects(
    request(`https://127.0.0.1:${port}/`, { dispatcher }),
    (error) => isRefusal(error) && error.code === 'CS-PEER-007',
  );
  await assert.rejects(
    request(`http://127.0.0.1:${port}/`, { dispatcher }),
    (error) => isRefusal(error) && error.code === 'CS-TLS-008',
  );
  await assert.rejects(
    connect(orders, { ...clientOf(web), host: '127.0.0.1', port: 1 }),
    (error) => isRefusal(error) && error.code === 'CS-TLS-006',
  );
});

for (const minVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
  test(`a session that a client kept is not taken up again: ${minVersion}`, async (t) => {
    const server = createServer(
      spiffeId('spiffe://test.internal/web'),
      { trust: newTrust(), credentials: fixedSource(authority.issue('orders')), clock, minVersion },
      (req, res) => res.end(peerOf(req).name),
    );
    t.after(() => server.close({ graceMs: 0 }));
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const visit = async (session?: Buffer): Promise<{ reused: boolean | undefined; sessions: Buffer[] }> => {
      const sessions: Buffer[] = [];
      const socket = tlsConnect({
        port,
        host: '127.0.0.1',
        key: web.privateKey.toPem(),
        cert: web.chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
        rejectUnauthorized: false,
        maxVersion: minVersion,
        ...(session && { session }),
      });
      socket.on('session', (one: Buffer) => sessions.push(one));
      let reused: boolean | undefined;
      socket.once('secureConnect', () => (reused = socket.isSessionReused()));
      socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);
      assert.match(answer, /^HTTP\/1\.1 200 /);
      return { reused, sessions };
    };
    const { sessions } = await visit();
    const answers = await Promise.all([undefined, ...sessions].map((session) => visit(session)));
    assert.deepEqual(
      answers.map(({ reused }) => reused),
      answers.map(() => false),
    );
  });
}
