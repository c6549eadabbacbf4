/**
 * Classes D, E and F at the token endpoint: a header, a form or a chain that names the victim, and the certificate of a thief, with and without one that counts.
 * Class C: a token of which it can't be known whether its certificate is revoked. Class A: a session from before a revocation.
 * Stands for: Keycloak CVE-2023-2422 (any certificate of the chain), Oathkeeper CVE-2026-33495 and Traefik CVE-2024-45410 (identity by a header).
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { manualClock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem, toBase64 } from '../../packages/countersign/src/ground/encoding/index.ts';
import { spiffeIdPattern } from '../../packages/countersign/src/identity/authorization/index.ts';
import type { RevocationView } from '../../packages/countersign/src/identity/revocation/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { encodeName } from '../../packages/countersign/src/identity/x509/index.ts';
import { ClientSet } from '../../packages/countersign/src/issuing/token-issuer/index.ts';
import {
  type Credential,
  fixedSource,
  MutableSource,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority, TestPeers } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { startIssuer, type WantedIssuer } from '../tokens/token-house.ts';

const victimId = 'spiffe://test.internal/victim';
const form = `grant_type=client_credentials&client_id=${encodeURIComponent(victimId)}`;

const registrations = [
  {
    client_id: 'victim-dn',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: 'CN=victim,O=Acme',
    resources: ['https://orders.test'],
  },
  {
    client_id: 'victim-dns',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'victim.test',
    resources: ['https://orders.test'],
  },
];

interface Asking {
  readonly port: number;
  readonly credential?: Credential;
  readonly body?: string;
  readonly path?: string;
  readonly headers?: readonly string[];
  readonly more?: ConnectionOptions;
  readonly onSocket?: (socket: TLSSocket) => void;
}

/** Bytes as one wants them; resolves with the whole answer, '' where the connection only ended. */
function ask({
  port,
  credential,
  body = form,
  path = '/token',
  headers = [],
  more,
  onSocket,
}: Asking): Promise<string> {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: issuer.test',
    'Connection: close',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    ...headers,
  ];
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ...(credential && {
        key: credential.privateKey.toPem(),
        cert: credential.chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
      }),
      ...more,
    });
    onSocket?.(socket);
    let seen = '';
    socket.on('secureConnect', () => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`));
    socket.on('data', (bytes: Buffer) => (seen += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(seen));
  });
}

async function issuing(t: TestContext, peers: TestPeers, wanted: WantedIssuer = {}): Promise<number> {
  return (await startIssuer(t, peers, { registrations, ...wanted })).port;
}

for (const selfSigned of ['refused', 'accepted'] as const) {
  test(`no header, form, chain or name makes a thief the victim, self-signed certificates ${selfSigned}`, async (t) => {
    const peers = new TestPeers();
    const { authority } = peers;
    const port = await issuing(t, peers, { selfSigned });
    const [victim, thief] = [authority.issue('victim'), authority.issue('thief')];
    assert.match(await ask({ port, credential: victim }), /^HTTP\/1.1 200 [^]*access_token/);

    const [leaf = new Uint8Array()] = victim.chain;
    const pem = encodePem('CERTIFICATE', leaf);
    const headers = [
      `Client-Cert: :${toBase64(leaf)}:`,
      `X-Forwarded-Client-Cert: URI=${victimId}`,
      `X_Forwarded_Client_Cert: URI=${victimId}`,
      `X-SSL-Client-Cert: ${encodeURIComponent(pem)}`,
      `SSL-Client-S-DN: CN=victim,O=Acme`,
    ];
    const imposters: readonly (Credential | undefined)[] = [
      undefined,
      thief,
      { ...thief, chain: [...thief.chain, leaf] },
      { ...thief, chain: [thief.chain[0] ?? leaf, leaf, ...thief.chain.slice(1)] },
      authority.issue('victim', { signer: 'self', commonName: 'victim' }),
      new TestPeers().authority.issue('victim'),
      authority.issue('victim', { notBeforeMs: -7_200_000, notAfterMs: -3_600_000 }),
      authority.issue('victim', { usages: ['1.3.6.1.5.5.7.3.1'] }),
      authority.issue('thief', { names: { uri: [`${victimId}/`] } }),
      authority.issue('thief', { names: { dns: [victimId] } }),
    ];
    for (const credential of imposters)
      for (const more of [[], headers, [...headers, `Connection: close, Client-Cert`]]) {
        const answer = await ask({ port, ...(credential && { credential }), headers: more });
        assert.doesNotMatch(answer, /access_token/);
        if (selfSigned === 'accepted') assert.match(answer, /^HTTP\/1.1 401 [^]*"invalid_client"/);
      }

    const names: readonly (readonly [string, Credential])[] = [
      ['victim-dn', authority.issue('x', { subject: encodeName({ organization: 'Acme,CN=victim', commonName: 'x' }) })],
      [
        'victim-dn',
        authority.issue('x', { subject: encodeName({ organization: 'Acme', commonName: 'victim\u0000' }) }),
      ],
      ['victim-dn', authority.issue('x', { subject: encodeName({ commonName: 'CN=victim,O=Acme' }) })],
      ['victim-dns', authority.issue('x', { names: { dns: ['*.test'] } })],
      ['victim-dns', authority.issue('x', { names: { dns: ['victim.test.evil.test'] } })],
      ['victim-dns', authority.issue('x', { names: { uri: ['dns:victim.test'] }, commonName: 'victim.test' })],
    ];
    for (const [client, credential] of names) {
      const body = `grant_type=client_credentials&client_id=${client}`;
      assert.doesNotMatch(await ask({ port, credential, body }), /access_token/, client);
    }
  });
}

test('a request says who it is once, in its body, and in one spelling of the address', async (t) => {
  const peers = new TestPeers();
  const port = await issuing(t, peers);
  const thief = peers.authority.issue('thief');
  const own = `grant_type=client_credentials&client_id=${encodeURIComponent('spiffe://test.internal/thief')}`;
  assert.match(await ask({ port, credential: thief, body: own }), /access_token/);
  const tricks: readonly Omit<Asking, 'port'>[] = [
    { body: `${own}&client_id=${encodeURIComponent(victimId)}` },
    { body: `${form}&client_id=${encodeURIComponent('spiffe://test.internal/thief')}` },
    { body: own, path: `/token?client_id=${encodeURIComponent(victimId)}` },
    { body: own, path: '/token/../token' },
    { body: own, path: '//token' },
    { body: own, path: '/%74oken' },
    { body: own, path: 'https://issuer.test/token' },
    { body: own, headers: ['Authorization: Basic dmljdGltOg=='] },
    { body: own, headers: ['Transfer-Encoding: chunked'] },
  ];
  for (const trick of tricks)
    assert.doesNotMatch(await ask({ port, credential: thief, ...trick }), /access_token/, JSON.stringify(trick));
});

test('a revoked certificate gets no token, also not by what a client kept of an earlier connection', async (t) => {
  const peers = new TestPeers();
  const port = await issuing(t, peers);
  const credential = peers.authority.issue('victim');
  const sessions: Buffer[] = [];
  const onSocket = (socket: TLSSocket): void => void socket.on('session', (one: Buffer) => sessions.push(one));
  assert.match(await ask({ port, credential, onSocket }), /access_token/);
  peers.revoke(credential);
  for (const session of [undefined, ...sessions])
    assert.doesNotMatch(await ask({ port, credential, ...(session && { more: { session } }) }), /access_token/);
});

test('where it is not known what is revoked, no token is called active', async (t) => {
  const peers = new TestPeers();
  const clock = manualClock(Date.now());
  const view: RevocationView = { ...withoutRevocation, freshUntil: clock.now() + 60_000 };
  const revocations = new MutableSource(view);
  const trust = new Trust({ bundles: fixedSource(peers.authority.bundles()), revocations, clock });
  const port = await issuing(t, peers, { trust });
  const answer = await ask({ port, credential: peers.authority.issue('victim') });
  const token = /"access_token":"([^"]+)"/.exec(answer)?.[1] ?? assert.fail(answer);
  const introspected = (): Promise<string> =>
    ask({ port, credential: peers.authority.issue('orders'), path: '/introspect', body: `token=${token}` });
  assert.match(await introspected(), /^HTTP\/1.1 200 [^]*"active":true/);
  clock.advance(60_001);
  assert.match(await introspected(), /^HTTP\/1.1 503 [^]*"temporarily_unavailable"/);
});

test('a token ends with the trust that its certificate rested on', async (t) => {
  const peers = new TestPeers();
  const other = new TestPeers({ authority: new TestAuthority({ trustDomain: 'other.test' }) });
  const both = peers.authority.bundles(other.authority);
  const bundles = new MutableSource(both);
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock: systemClock });
  const client = { who: spiffeIdPattern('spiffe://other.test/*'), scopes: [], resources: ['https://orders.test'] };
  const clients = fixedSource(new ClientSet([], [client]));
  const { port } = await startIssuer(t, peers, { trust, clients, serverTrust: trust });
  const body = `grant_type=client_credentials&client_id=${encodeURIComponent('spiffe://other.test/web')}`;
  const answer = await ask({ port, credential: other.authority.issue('web'), body });
  const token = /"access_token":"([^"]+)"/.exec(answer)?.[1] ?? assert.fail(answer);
  const introspected = (): Promise<string> =>
    ask({ port, credential: peers.authority.issue('orders'), path: '/introspect', body: `token=${token}` });
  assert.match(await introspected(), /"active":true/);
  bundles.set(peers.authority.bundles());
  assert.match(await introspected(), /"active":false/);
  assert.doesNotMatch(await ask({ port, credential: other.authority.issue('web'), body }), /access_token/);
  bundles.set(both);
  assert.match(await introspected(), /"active":true/);
});
