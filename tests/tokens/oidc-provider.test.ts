/** oidc-provider behind our server, with its hooks of mutual TLS filled and its FAPI 2.0 profile on; openid-client as the client, there and at our own issuer. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { decodeJwt, exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import * as openid from 'openid-client';
import { fetch as undiciFetch } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { toBase64 } from '../../packages/countersign/src/ground/encoding/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { encodeName, parseCertificate } from '../../packages/countersign/src/identity/x509/index.ts';
import { publicJwk, thumbprint } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  createDispatcher,
  createServer,
  type Credential,
  fixedSource,
  type RequestHandler,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { oidcProviderMutualTls } from '../../packages/countersign/src/surfaces/integrations/index.ts';
import { TestPeers } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { orders, quiet, startIssuer } from './token-house.ts';

const selfSigned = new TestPeers().authority.issue('lone', { signer: 'self', commonName: 'lone' });

function leafOf({ chain: [leaf] }: Credential): Uint8Array {
  return leaf ?? assert.fail('no certificate');
}

const common = {
  grant_types: ['client_credentials', 'authorization_code'],
  redirect_uris: ['https://client.test/callback'],
  response_types: ['code'],
  tls_client_certificate_bound_access_tokens: true,
} as const;

async function configuration(): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const ownJwk = publicJwk(parseCertificate(leafOf(selfSigned)).publicKey);
  return {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }] },
    clientAuthMethods: ['tls_client_auth', 'self_signed_tls_client_auth'],
    clients: [
      {
        ...common,
        client_id: 'acme',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: 'CN=acme\\, inc,O=Partners',
        id_token_signed_response_alg: 'ES256',
      },
      {
        ...common,
        client_id: 'lone',
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        jwks: { keys: [{ ...ownJwk, x5c: [toBase64(leafOf(selfSigned))] }] },
        id_token_signed_response_alg: 'ES256',
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      mTLS: oidcProviderMutualTls({ selfSigned: 'accepted' }),
      fapi: { enabled: true, profile: '2.0' },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => orders,
        getResourceServerInfo: () => ({
          scope: 'read',
          audience: orders,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

async function startProvider(t: TestContext, peers: TestPeers): Promise<string> {
  const holder: { handler?: RequestHandler } = {};
  const server = createServer(
    allowAnyPeer(),
    { ...peers.own('issuer'), ...quiet, clientCertificate: 'optional' },
    (request, response) => holder.handler?.(request, response),
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const issuer = `https://127.0.0.1:${port}`;
  const provider = new Provider(issuer, await configuration());
  provider.on('server_error', (_context, error) => t.diagnostic(String(error.stack)));
  const callback = provider.callback();
  holder.handler = (request, response) => void callback(request, response);
  return issuer;
}

function fetchAs(t: TestContext, peers: TestPeers, credential: Credential): openid.CustomFetch {
  const dispatcher = createDispatcher(allowAnyPeer(), {
    trust: peers.trust,
    credentials: fixedSource(credential),
    clock: systemClock,
    ...quiet,
  });
  t.after(() => dispatcher.destroy());
  return async (url, options) => {
    const answer = await undiciFetch(url, { ...(options as object), dispatcher });
    const text = await answer.text();
    return new Response(text === '' ? null : text, { status: answer.status, headers: [...answer.headers] });
  };
}

async function clientOf(
  t: TestContext,
  peers: TestPeers,
  [issuer, clientId, credential]: readonly [string, string, Credential],
  algorithm: 'oidc' | 'oauth2',
): Promise<openid.Configuration> {
  return openid.discovery(
    new URL(issuer),
    clientId,
    { use_mtls_endpoint_aliases: true, tls_client_certificate_bound_access_tokens: true },
    openid.TlsClientAuth(),
    { [openid.customFetch]: fetchAs(t, peers, credential), algorithm },
  );
}

async function errorOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'served';
  } catch (error) {
    return error instanceof openid.ResponseBodyError ? error.error : String(error);
  }
}

test('oidc-provider authenticates by the connection, under its FAPI 2.0 profile, and binds its tokens to it', async (t) => {
  const peers = new TestPeers();
  const issuer = await startProvider(t, peers);
  const acme = peers.authority.issue('p', { subject: nameOf('acme, inc') });
  const config = await clientOf(t, peers, [issuer, 'acme', acme], 'oidc');
  const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'read' });
  const { cnf } = decodeJwt(token);
  assert.deepEqual(cnf, { 'x5t#S256': thumbprint(leafOf(acme)) });

  const strangers: readonly (readonly [string, Credential])[] = [
    ['acme', peers.authority.issue('acme')],
    ['acme', peers.authority.issue('p', { subject: nameOf('acme'), commonName: 'acme, inc' })],
    ['acme', selfSigned],
    ['acme', new TestPeers().authority.issue('p', { subject: nameOf('acme, inc') })],
    ['lone', acme],
  ];
  for (const [client, credential] of strangers) {
    const other = await clientOf(t, peers, [issuer, client, credential], 'oidc');
    assert.equal(await errorOf(openid.clientCredentialsGrant(other, { scope: 'read' })), 'invalid_client', client);
  }
  const lone = await clientOf(t, peers, [issuer, 'lone', selfSigned], 'oidc');
  const granted = await openid.clientCredentialsGrant(lone, { scope: 'read' });
  assert.deepEqual(decodeJwt(granted.access_token)['cnf'], { 'x5t#S256': thumbprint(leafOf(selfSigned)) });
});

test('oidc-provider takes authorization requests that were pushed over mutual TLS, with PKCE, and no others', async (t) => {
  const peers = new TestPeers();
  const issuer = await startProvider(t, peers);
  const acme = peers.authority.issue('p', { subject: nameOf('acme, inc') });
  const config = await clientOf(t, peers, [issuer, 'acme', acme], 'oidc');
  const challenge = await openid.calculatePKCECodeChallenge(openid.randomPKCECodeVerifier());
  const parameters = { redirect_uri: 'https://client.test/callback', scope: 'openid', state: 'x' };
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
  const url = await openid.buildAuthorizationUrlWithPAR(config, { ...parameters, ...pkce });
  assert.match(url.searchParams.get('request_uri') ?? '', /^urn:ietf:params:oauth:request_uri:/);
  assert.equal(await errorOf(openid.buildAuthorizationUrlWithPAR(config, parameters)), 'invalid_request');
  const ask = fetchAs(t, peers, acme);
  const direct = openid.buildAuthorizationUrl(config, { ...parameters, ...pkce });
  const answer = await ask(direct.href, { method: 'GET', redirect: 'manual', body: null, headers: {} });
  const said = `${answer.headers.get('location') ?? ''} ${await answer.text()}`;
  assert.match(said, /error=invalid_request|invalid_request/);
});

test('openid-client gets bound tokens of our own issuer, asks about them, and revokes them', async (t) => {
  const peers = new TestPeers();
  const { address, issued } = await startIssuer(t, peers);
  const web = peers.authority.issue('web');
  const config = await clientOf(t, peers, [address, 'spiffe://test.internal/web', web], 'oauth2');
  const granted = await openid.clientCredentialsGrant(config, { scope: 'read', resource: orders });
  assert.equal(granted.scope, 'read');
  assert.deepEqual(decodeJwt(granted.access_token)['cnf'], { 'x5t#S256': thumbprint(leafOf(web)) });
  assert.equal(issued.length, 1);

  const resource = await clientOf(
    t,
    peers,
    [address, 'spiffe://test.internal/orders', peers.authority.issue('orders')],
    'oauth2',
  );
  const said = await openid.tokenIntrospection(resource, granted.access_token);
  assert.deepEqual([said.active, said.cnf], [true, { 'x5t#S256': thumbprint(leafOf(web)) }]);
  await openid.tokenRevocation(config, granted.access_token);
  assert.equal((await openid.tokenIntrospection(resource, granted.access_token)).active, false);
  assert.equal(await errorOf(openid.clientCredentialsGrant(config, { scope: 'admin' })), 'invalid_scope');
  assert.equal(await errorOf(openid.tokenIntrospection(config, granted.access_token)), 'invalid_client');
});

/** @returns Name, DER */
function nameOf(commonName: string): Uint8Array {
  return encodeName({ organization: 'Partners', commonName });
}
