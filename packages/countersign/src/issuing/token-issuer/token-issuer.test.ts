/** The token issuer over real connections: who gets a token, what it says, and how it ends. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { request } from 'undici';
import { systemClock } from '../../ground/clock/index.ts';
import { toBase64 } from '../../ground/encoding/index.ts';
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import { allowAnyPeer, spiffeId, spiffeIdPattern } from '../../identity/authorization/index.ts';
import { parseCompactJws, parseStrictObject } from '../../identity/bound-tokens/index.ts';
import { encodeName, parseCertificate } from '../../identity/x509/index.ts';
import { parseJwsKey, publicJwk, thumbprint } from '../../runtime/cryptography/index.ts';
import { createDispatcher, type Credential, fixedSource, MutableSource } from '../../runtime/tls/index.ts';
import { TestPeers } from '../../surfaces/testing/index.ts';
import {
  ClientSet,
  createTokenServer,
  openRevokedTokens,
  type RevokedTokens,
  type TokenEvent,
  TokenIssuer,
  type TokenIssuerOptions,
  TokenKeys,
} from './index.ts';

const clock = systemClock;
const address = 'https://issuer.test';
const orders = 'https://orders.test';
const payments = 'https://payments.test';

/** Of an own key, signed by itself. */
const selfSigned = new TestPeers().authority.issue('lone', { signer: 'self', commonName: 'lone' });

const registrations = [
  named('dn', { tls_client_auth_subject_dn: 'CN=partner\\, with a comma,O=Acme' }),
  named('dns', { tls_client_auth_san_dns: 'WEB.internal' }),
  named('uri', { tls_client_auth_san_uri: 'spiffe://test.internal/web' }),
  named('ip', { tls_client_auth_san_ip: '2001:db8:0::1' }),
  named('email', { tls_client_auth_san_email: 'Ops@ACME.example' }),
  { ...named('gone', { tls_client_auth_san_dns: 'web.internal' }), state: 'suspended' },
  { ...named('two', { tls_client_auth_san_dns: 'web.internal' }), resources: [orders, payments] },
  ownKeys('lone', { x5c: [toBase64(leafOf(selfSigned))] }),
  ownKeys('lone-key', {}),
];

function named(client: string, name: Record<string, string>): Record<string, unknown> {
  return {
    client_id: client,
    token_endpoint_auth_method: 'tls_client_auth',
    ...name,
    scope: 'read write',
    resources: [orders],
  };
}

function ownKeys(client: string, more: Record<string, unknown>): Record<string, unknown> {
  const jwk = publicJwk(parseCertificate(leafOf(selfSigned)).publicKey);
  return {
    client_id: client,
    token_endpoint_auth_method: 'self_signed_tls_client_auth',
    jwks: { keys: [{ ...jwk, ...more }] },
    resources: [orders],
  };
}

function leafOf({ chain }: Credential): Uint8Array {
  return chain[0] ?? assert.fail('no certificate');
}

interface House {
  readonly peers: TestPeers;
  readonly port: number;
  readonly refusals: Refusal[];
  readonly issued: TokenEvent[];
  readonly clients: MutableSource<ClientSet>;
  readonly keys: TokenKeys;
  readonly revoked: RevokedTokens;
  ask(who: Credential, path: string, form?: Record<string, string> | string): Promise<Answered>;
}

interface Answered {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown>;
}

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'tokens-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function house(t: TestContext, more: Partial<TokenIssuerOptions> = {}): Promise<House> {
  const peers = new TestPeers();
  const dir = folder(t);
  const refusals: Refusal[] = [];
  const issued: TokenEvent[] = [];
  const keys = await TokenKeys.open({ dir: join(dir, 'keys'), clock });
  t.after(() => keys.close());
  const clients = new MutableSource(
    new ClientSet(registrations, [
      { who: spiffeIdPattern('spiffe://test.internal/jobs/*'), scopes: ['read'], resources: [orders] },
    ]),
  );
  const revoked = await openRevokedTokens({ path: join(dir, 'revoked'), clock });
  const issuer = new TokenIssuer({
    issuer: address,
    keys,
    clients,
    revoked,
    trust: peers.trust,
    clock,
    selfSigned: 'accepted',
    resourceServers: [{ resource: orders, who: spiffeId('spiffe://test.internal/orders') }],
    onIssued: (event) => issued.push(event),
    onRefusal: (refusal) => refusals.push(refusal),
    ...more,
  });
  const own = { ...peers.own('issuer'), onRefusal: () => undefined, onClosed: () => undefined };
  const server = createTokenServer(allowAnyPeer(), own, issuer);
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const ask = async (who: Credential, path: string, form?: Record<string, string> | string): Promise<Answered> => {
    const dispatcher = createDispatcher(allowAnyPeer(), {
      trust: peers.trust,
      credentials: fixedSource(who),
      clock,
      onRefusal: () => undefined,
    });
    try {
      const { statusCode, headers, body } = await request(`https://127.0.0.1:${port}${path}`, {
        dispatcher,
        ...(form === undefined
          ? {}
          : {
              method: 'POST',
              headers: { 'content-type': 'application/x-www-form-urlencoded' },
              body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
            }),
      });
      const text = await body.text();
      return { status: statusCode, headers, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    } finally {
      await dispatcher.destroy();
    }
  };
  return { peers, port, refusals, issued, clients, keys, revoked, ask };
}

const grant = { grant_type: 'client_credentials' };

function claimsOf({ body }: Answered): Record<string, unknown> {
  return parseStrictObject(parseCompactJws(String(body['access_token'])).payload) as Record<string, unknown>;
}

test('each kind of registered name is compared with the certificate, decoded, and gives a bound token', async (t) => {
  const { peers, ask, issued, keys } = await house(t);
  const fitting: readonly (readonly [string, Credential])[] = [
    ['dn', peers.authority.issue('p', { subject: nameOf('partner, with a comma', 'Acme') })],
    ['dns', peers.authority.issue('web')],
    ['uri', peers.authority.issue('web')],
    ['ip', peers.authority.issue('p', { names: { ip: ['2001:db8::1'] } })],
    ['email', peers.authority.issue('p', { names: { email: ['Ops@acme.example'] } })],
    ['spiffe://test.internal/jobs/nightly', peers.authority.issue('jobs/nightly', uriOf('jobs/nightly'))],
  ];
  for (const [client, credential] of fitting) {
    const answer = await ask(credential, '/token', { ...grant, client_id: client });
    assert.equal(answer.status, 200, `${client} ${JSON.stringify(answer.body)}`);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.deepEqual(Object.keys(answer.body).toSorted(), ['access_token', 'expires_in', 'scope', 'token_type']);
    const claims = claimsOf(answer);
    assert.deepEqual(claims['cnf'], { 'x5t#S256': thumbprint(leafOf(credential)) });
    assert.equal(claims['client_id'], client);
    assert.equal(claims['iss'], address);
    assert.equal(claims['aud'], orders);
    const jws = parseCompactJws(String(answer.body['access_token']));
    const jwk = keys.jwks.keys.find(({ kid }) => kid === jws.keyId) ?? assert.fail('its key is not published');
    assert.ok(parseJwsKey(jwk)?.verify(jws.algorithm, jws.signed, jws.signature));
  }
  assert.equal(issued.length, fitting.length);
});

test('whoever has another name, no registration, or is suspended is answered invalid_client, each time the same', async (t) => {
  const { peers, ask, refusals } = await house(t);
  const web = peers.authority.issue('web');
  const strangers: readonly (readonly [string, Credential])[] = [
    ['dn', peers.authority.issue('p', { subject: nameOf('partner', 'with a comma,O=Acme') })],
    ['dns', peers.authority.issue('cron')],
    ['dns', peers.authority.issue('p', { names: { uri: ['web.internal'] }, commonName: 'web.internal' })],
    ['uri', peers.authority.issue('p', { names: { uri: ['spiffe://test.internal/web/'] } })],
    ['ip', peers.authority.issue('p', { names: { dns: ['2001:db8::1'] } })],
    ['email', peers.authority.issue('p', { names: { email: ['ops@acme.example'] } })],
    ['gone', web],
    ['nobody', web],
    ['spiffe://test.internal/web', web],
    ['spiffe://test.internal/jobs/other', peers.authority.issue('jobs/nightly', uriOf('jobs/nightly'))],
  ];
  for (const [client, credential] of strangers) {
    const answer = await ask(credential, '/token', { ...grant, client_id: client });
    assert.deepEqual(
      [answer.status, answer.body],
      [401, { error: 'invalid_client', error_description: 'CS-OAUTH-003 client not authenticated' }],
      client,
    );
  }
  assert.equal(refusals.length, strangers.length);
});

test('a self-signed certificate is one of those that were registered, or nobody', async (t) => {
  const { peers, ask } = await house(t);
  const sameKey = peers.authority.issue('lone', { signer: 'self', commonName: 'lone', key: selfSigned.privateKey });
  const expired = peers.authority.issue('lone', {
    signer: 'self',
    commonName: 'lone',
    key: selfSigned.privateKey,
    notBeforeMs: -7_200_000,
    notAfterMs: -3_600_000,
  });
  const answers: readonly (readonly [string, Credential, number])[] = [
    ['lone', selfSigned, 200],
    ['lone', sameKey, 401],
    ['lone-key', sameKey, 200],
    ['lone-key', expired, 401],
    ['lone', peers.authority.issue('lone', { signer: 'self', commonName: 'lone' }), 401],
    ['lone-key', peers.authority.issue('lone'), 401],
    ['dns', peers.authority.issue('web', { signer: 'self', commonName: 'lone' }), 401],
  ];
  for (const [client, credential, status] of answers) {
    const answer = await ask(credential, '/token', { ...grant, client_id: client });
    assert.equal(answer.status, status, `${client} ${JSON.stringify(answer.body)}`);
    if (status === 200) assert.deepEqual(claimsOf(answer)['cnf'], { 'x5t#S256': thumbprint(leafOf(credential)) });
  }
});

test('where no self-signed certificate is accepted, the handshake lets in nobody who is not verified', async (t) => {
  const { peers, ask, port } = await house(t, { selfSigned: 'refused' });
  await assert.rejects(ask(selfSigned, '/token', { ...grant, client_id: 'lone' }), isRefusal);
  assert.equal((await ask(peers.authority.issue('web'), '/token', { ...grant, client_id: 'dns' })).status, 200);
  assert.doesNotMatch(await bare(port, 'POST /token HTTP/1.1\r\nHost: x\r\n\r\n'), /invalid_client/);
});

test('the exact errors of RFC 6749 and 8707', async (t) => {
  const { peers, ask } = await house(t);
  const web = peers.authority.issue('web');
  const asked: readonly (readonly [string, number, string])[] = [
    ['grant_type=client_credentials', 400, 'invalid_request'],
    ['client_id=dns', 400, 'invalid_request'],
    ['grant_type=client_credentials&client_id=dns&client_id=dns', 400, 'invalid_request'],
    ['grant_type=client_credentials&client_id=dns&scope=read&scope=write', 400, 'invalid_request'],
    ['grant_type=client_credentials&client_id=d%FFns', 400, 'invalid_request'],
    [`grant_type=client_credentials&client_id=dns&x=${'x'.repeat(20_000)}`, 400, 'invalid_request'],
    ['grant_type=refresh_token&client_id=dns&refresh_token=x', 400, 'unsupported_grant_type'],
    ['grant_type=password&client_id=dns', 400, 'unsupported_grant_type'],
    ['grant_type=client_credentials&client_id=dns&client_secret=x', 401, 'invalid_client'],
    ['grant_type=client_credentials&client_id=dns&client_assertion=x', 401, 'invalid_client'],
    ['grant_type=client_credentials&client_id=dns&scope=read+admin', 400, 'invalid_scope'],
    ['grant_type=client_credentials&client_id=dns&scope=read++write', 400, 'invalid_scope'],
    [`grant_type=client_credentials&client_id=dns&resource=${payments}`, 400, 'invalid_target'],
    ['grant_type=client_credentials&client_id=two', 400, 'invalid_target'],
  ];
  for (const [form, status, error] of asked) {
    const answer = await ask(web, '/token', form);
    assert.deepEqual([answer.status, answer.body['error']], [status, error], form.slice(0, 90));
  }
  assert.equal(
    (await ask(web, '/token?client_id=dns', { ...grant, client_id: 'dns' })).body['error'],
    'invalid_request',
  );
  assert.equal((await ask(web, '/token/', { ...grant, client_id: 'dns' })).status, 404);
  const two = await ask(web, '/token', `grant_type=client_credentials&client_id=two&resource=${payments}&scope=read`);
  assert.deepEqual([claimsOf(two)['aud'], claimsOf(two)['scope']], [payments, 'read']);
});

test('a token ends with its certificate at the latest', async (t) => {
  const { peers, ask } = await house(t);
  const short = peers.authority.issue('web', { notAfterMs: 60_000 });
  const answer = await ask(short, '/token', { ...grant, client_id: 'dns' });
  const { exp } = claimsOf(answer);
  assert.ok(Number(exp) * 1000 <= parseCertificate(leafOf(short)).notAfter);
  assert.ok(Number(answer.body['expires_in']) <= 60);
});

test('introspection is for the resource of the token, and a token dies with its certificate, its client or by itself', async (t) => {
  const { peers, ask, clients } = await house(t);
  const web = peers.authority.issue('web');
  const resource = peers.authority.issue('orders');
  const tokenFor = async (client: string): Promise<string> =>
    String((await ask(web, '/token', { ...grant, client_id: client, resource: orders })).body['access_token']);
  const state = async (token: string): Promise<unknown> =>
    (await ask(resource, '/introspect', { token })).body['active'];

  const token = await tokenFor('dns');
  const { status, body } = await ask(resource, '/introspect', { token });
  assert.equal(status, 200);
  assert.deepEqual(
    [body['active'], body['cnf'], body['client_id'], body['aud']],
    [true, { 'x5t#S256': thumbprint(leafOf(web)) }, 'dns', orders],
  );
  assert.deepEqual(
    Object.keys(body).filter((name) => name.startsWith('countersign')),
    [],
  );
  assert.equal((await ask(web, '/introspect', { token })).status, 401);
  assert.equal(await state(`${token}x`), false);
  const elsewhere = await ask(web, '/token', { ...grant, client_id: 'two', resource: payments });
  assert.equal(await state(String(elsewhere.body['access_token'])), false);

  // RFC 7009: its own client alone, and what is no token is none afterwards.
  assert.equal((await ask(web, '/revoke', { token, client_id: 'two' })).body['error'], 'unauthorized_client');
  assert.equal(await state(token), true);
  assert.equal((await ask(web, '/revoke', { token, client_id: 'dns' })).status, 200);
  assert.equal(await state(token), false);
  assert.equal((await ask(web, '/revoke', { token: 'nonsense', client_id: 'dns' })).status, 200);

  const ofClient = await tokenFor('two');
  assert.equal(await state(ofClient), true);
  clients.set(new ClientSet(registrations.map((one) => ({ ...one, state: 'suspended' }))));
  assert.equal(await state(ofClient), false);
  clients.set(new ClientSet(registrations));
  assert.equal(await state(ofClient), true);

  peers.revoke(web);
  assert.equal(await state(ofClient), false);
});

test('a token dies with the registration of the self-signed certificate that it is bound to', async (t) => {
  const { peers, ask, clients } = await house(t);
  const resource = peers.authority.issue('orders');
  const other = peers.authority.issue('other', { signer: 'self', commonName: 'other' });
  const registered = (...certificates: readonly Credential[]): ClientSet =>
    new ClientSet(
      ['lone', 'lone-key'].map((client) => {
        const keys = certificates.map((one) => {
          const jwk = publicJwk(parseCertificate(leafOf(one)).publicKey);
          return client === 'lone' ? { ...jwk, x5c: [toBase64(leafOf(one))] } : jwk;
        });
        return { ...ownKeys(client, {}), jwks: { keys } };
      }),
    );
  for (const client of ['lone', 'lone-key']) {
    clients.set(registered(selfSigned));
    const token = String((await ask(selfSigned, '/token', { ...grant, client_id: client })).body['access_token']);
    const state = async (): Promise<unknown> => (await ask(resource, '/introspect', { token })).body['active'];
    assert.equal(await state(), true, client);
    clients.set(registered(other, selfSigned));
    assert.equal(await state(), true, client);
    clients.set(registered(other));
    assert.equal(await state(), false, client);
    // Under the same name, but by another way.
    clients.set(new ClientSet([named(client, { tls_client_auth_san_dns: 'web.internal' })]));
    assert.equal(await state(), false, client);
  }
});

test('metadata says where the endpoints are under mutual TLS', async (t) => {
  const { peers, ask, keys } = await house(t, { endpoints: 'https://mtls.issuer.test:8443/' });
  const web = peers.authority.issue('web');
  const { status, body } = await ask(web, '/.well-known/oauth-authorization-server');
  assert.equal(status, 200);
  assert.equal(body['issuer'], address);
  assert.equal(body['tls_client_certificate_bound_access_tokens'], true);
  assert.deepEqual(body['mtls_endpoint_aliases'], {
    token_endpoint: 'https://mtls.issuer.test:8443/token',
    introspection_endpoint: 'https://mtls.issuer.test:8443/introspect',
    revocation_endpoint: 'https://mtls.issuer.test:8443/revoke',
  });
  assert.deepEqual((await ask(web, '/jwks')).body, JSON.parse(JSON.stringify(keys.jwks)));
});

test('registrations that cannot be meant are refused by name', () => {
  const wrong: readonly unknown[] = [
    null,
    {},
    named('none', {}),
    named('two', { tls_client_auth_san_dns: 'a.test', tls_client_auth_san_uri: 'spiffe://a.test/b' }),
    named('dn', { tls_client_auth_subject_dn: 'not a name' }),
    named('dns', { tls_client_auth_san_dns: '*.test' }),
    named('ip', { tls_client_auth_san_ip: '1.2.3' }),
    named('email', { tls_client_auth_san_email: 'nobody' }),
    named('unknown', { tls_client_auth_san_dns: 'a.test', client_secret: 'x' }),
    { ...named('unbound', { tls_client_auth_san_dns: 'a.test' }), tls_client_certificate_bound_access_tokens: false },
    { ...ownKeys('x5c', {}), tls_client_auth_san_dns: 'a.test' },
    ownKeys('x5c', { x5c: ['AAAA'] }),
    ownKeys('x5c', { x5c: [toBase64(leafOf(new TestPeers().authority.issue('web')))] }),
    ownKeys('secret', { d: 'AAAA' }),
  ];
  for (const registration of wrong)
    assert.throws(
      () => new ClientSet([registration]),
      (error) => isRefusal(error) && error.code === 'CS-OAUTH-001',
      JSON.stringify(registration),
    );
  const twice = named('a', { tls_client_auth_san_dns: 'a.test' });
  assert.throws(() => new ClientSet([twice, twice]), isRefusal);
});

/** @returns Name, DER */
function nameOf(commonName: string, organization: string): Uint8Array {
  return encodeName({ organization, commonName });
}

function uriOf(path: string): { names: { uri: string[] } } {
  return { names: { uri: [`spiffe://test.internal/${path}`] } };
}

/** What is answered to a client that presents nothing. */
function bare(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
    let seen = '';
    socket.on('secureConnect', () => socket.write(text));
    socket.on('data', (bytes: Buffer) => (seen += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(seen));
  });
}
