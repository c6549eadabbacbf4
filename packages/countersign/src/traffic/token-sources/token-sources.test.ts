import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { CompactEncrypt, CompactSign, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { type ManualClock, manualClock } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { allowAnyPeer } from '../../identity/authorization/index.ts';
import type { RouteRules } from '../../identity/bound-tokens/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import { createPeerVerifier, fixedSource, Trust, type VerifiedPeer } from '../../runtime/tls/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import {
  createTokenCheck,
  fixedKeys,
  introspectedTokens,
  type KeySource,
  presentedIn,
  RemoteKeys,
  signedTokens,
  type TokenSource,
} from './index.ts';

const start = Date.UTC(2026, 10, 1);
const issuer = 'https://issuer.test';
const audience = 'https://orders.test';

const authority = new TestAuthority();
const [web, other] = [peerOf('web'), peerOf('other')];

function peerOf(name: string): VerifiedPeer {
  const clock = manualClock(Date.now());
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  const verifier = createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust, clock });
  return verifier.verifyPresented(authority.issue(name).chain[0] ?? new Uint8Array(), () => []);
}

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
const keys = await generateKeyPair('ES256', { extractable: true });
const nextKeys = await generateKeyPair('ES256', { extractable: true });
const jwkOf = async ({ publicKey }: Keys, kid: string, alg = 'ES256'): Promise<Record<string, unknown>> => ({
  ...(await exportJWK(publicKey)),
  kid,
  alg,
  use: 'sig',
});
const jwk = await jwkOf(keys, 'a');
const nextJwk = await jwkOf(nextKeys, 'b');

function claimsFor(peer: VerifiedPeer, more: object = {}): Record<string, unknown> {
  const at = start / 1000;
  const cnf = { 'x5t#S256': peer.thumbprint };
  return {
    iss: issuer,
    sub: peer.spiffeId,
    client_id: peer.spiffeId,
    aud: audience,
    iat: at,
    exp: at + 300,
    cnf,
    ...more,
  };
}

interface Making {
  readonly claims?: object;
  readonly header?: object;
  readonly with?: Keys;
}

function tokenFor(peer: VerifiedPeer, { claims = {}, header = {}, with: pair = keys }: Making = {}): Promise<string> {
  return new SignJWT(claimsFor(peer, claims))
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'a', ...header })
    .sign(pair.privateKey);
}

type Ask = (token: string, peer?: VerifiedPeer, route?: RouteRules) => Promise<string>;

function asking(source: TokenSource, clock: ManualClock): Ask {
  const check = createTokenCheck({ issuer, audience, source, clock });
  return async (token, peer = web, route = {}) => {
    try {
      await check({ authorization: [`Bearer ${token}`] }, peer, route);
      return 'accepted';
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { reason } = error.evidence;
      return reason === undefined ? error.code : `${error.code} ${String(reason)}`;
    }
  };
}

const askSigned = (source: KeySource = fixedKeys({ keys: [jwk] })): Ask =>
  asking(signedTokens(source), manualClock(start));

interface Host {
  readonly address: string;
  asked: number;
}

async function host(t: TestContext, answer: RequestListener): Promise<Host> {
  const found: Host = { address: '', asked: 0 };
  const server = createServer((request, response) => {
    found.asked += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return Object.assign(found, { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

const json = (response: ServerResponse, value: unknown): void => {
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(value));
};

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const part of request) text += String(part);
  return new URLSearchParams(text);
}

test('tokens that another library signed are accepted, by each algorithm', async () => {
  for (const alg of ['ES256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'Ed25519']) {
    const pair = await generateKeyPair(alg, { extractable: true });
    const ask = askSigned(fixedKeys({ keys: [await jwkOf(pair, 'a', alg)] }));
    const token = await tokenFor(web, { header: { alg }, with: pair });
    assert.equal(await ask(token), 'accepted', alg);
    assert.equal(await ask(token), 'accepted', `${alg}, seen before`);
    const [head, , signature] = token.split('.');
    const [, payload] = (await tokenFor(web, { claims: { sub: 'admin' } })).split('.');
    assert.equal(await ask(`${head}.${payload}.${signature}`), 'CS-BEARER-008', alg);
  }
});

test("a token in another's hands is refused, also when it was accepted from its owner before", async () => {
  const ask = askSigned();
  const token = await tokenFor(web);
  assert.equal(await ask(token), 'accepted');
  assert.equal(await ask(token, other), 'CS-BEARER-013');
  assert.equal(await ask(token), 'accepted');
  const check = createTokenCheck({
    issuer,
    audience,
    source: signedTokens(fixedKeys({ keys: [jwk] })),
    clock: manualClock(start),
  });
  await assert.rejects(check({ authorization: [`Bearer ${token}`] }, undefined), { code: 'CS-BEARER-013' });
  const lookAlike: object = Object.assign({}, web);
  await assert.rejects(check({ authorization: [] }, undefined), { code: 'CS-BEARER-001' });
  await assert.rejects(check({ authorization: [`Bearer ${token}`] }, lookAlike as VerifiedPeer), TypeError);
});

test('a token seen before expires all the same', async () => {
  const clock = manualClock(start);
  const ask = asking(signedTokens(fixedKeys({ keys: [jwk] })), clock);
  const token = await tokenFor(web);
  assert.equal(await ask(token), 'accepted');
  clock.advance(300_000);
  assert.equal(await ask(token), 'CS-BEARER-011');
});

test('what is no signed access token is refused: unsigned, signed with the public key as a secret, encrypted', async () => {
  const ask = askSigned();
  const unsigned = new UnsecuredJWT(claimsFor(web)).encode();
  assert.equal(await ask(unsigned), 'CS-BEARER-005', 'without a typ');
  const head = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
  assert.equal(await ask(`${head}.${unsigned.split('.')[1]}.`), 'CS-BEARER-006');
  const secret = Buffer.from(JSON.stringify(jwk));
  const confused = await new SignJWT(claimsFor(web))
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'a' })
    .sign(secret);
  assert.equal(await ask(confused), 'CS-BEARER-006');
  const encrypted = await new CompactEncrypt(new TextEncoder().encode(await tokenFor(web)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'JWT', typ: 'at+jwt' })
    .encrypt(new Uint8Array(32));
  assert.equal(await ask(encrypted), 'CS-BEARER-005');
  const nested = await new CompactSign(new TextEncoder().encode(await tokenFor(web)))
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'a', cty: 'JWT' })
    .sign(keys.privateKey);
  assert.equal(await ask(nested), 'CS-BEARER-005');
  const twice = await new CompactSign(
    new TextEncoder().encode(JSON.stringify(claimsFor(web)).replace('{', '{"sub":"admin",')),
  )
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'a' })
    .sign(keys.privateKey);
  assert.equal(await ask(twice), 'CS-BEARER-005');
});

test('a key that the token brings along is not believed', async (t) => {
  const theirs = await host(t, (_request, response) => json(response, { keys: [nextJwk] }));
  const header = { jku: theirs.address, x5u: theirs.address, jwk: nextJwk as never };
  const ask = askSigned();
  assert.equal(await ask(await tokenFor(web, { header, with: nextKeys })), 'CS-BEARER-008');
  assert.equal(await ask(await tokenFor(web, { header: { ...header, kid: 'b' }, with: nextKeys })), 'CS-BEARER-007');
  assert.equal(theirs.asked, 0);
});

test('an algorithm that is not of its key is refused', async () => {
  const ask = askSigned();
  const pair = await generateKeyPair('ES384');
  assert.equal(await ask(await tokenFor(web, { header: { alg: 'ES384' }, with: pair })), 'CS-BEARER-006');
});

test('a set of keys with a private or secret one, weak ones alone, or none is not acceptable', async () => {
  const secrets = [await exportJWK(keys.privateKey), { kty: 'oct', k: 'AAAA' }];
  for (const secret of secrets) assert.throws(() => fixedKeys({ keys: [jwk, secret] }), TypeError);
  const weak = { kty: 'RSA', n: Buffer.alloc(128, 0xff).toString('base64url'), e: 'AQAB' };
  for (const one of [weak, { ...jwk, use: 'enc' }, { ...jwk, x: 'AAAA' }, { ...jwk, alg: 'RS256' }, {}])
    assert.throws(() => fixedKeys({ keys: [one] }), /none of its keys/, JSON.stringify(one));
  assert.throws(() => fixedKeys({ keys: Array.from({ length: 101 }, () => jwk) }), /more than 100/);
  assert.throws(() => fixedKeys({}), TypeError);
});

test('keys rotate: a new name is asked for once, and what a withdrawn key signed is over', async (t) => {
  let published: unknown[] = [jwk];
  const at = await host(t, (_request, response) => json(response, { keys: published }));
  const clock = manualClock(start);
  const ask = asking(signedTokens(new RemoteKeys({ address: at.address, clock })), clock);
  const [old, next] = [await tokenFor(web), await tokenFor(web, { header: { kid: 'b' }, with: nextKeys })];
  assert.equal(await ask(old), 'accepted');
  assert.equal(at.asked, 1);
  published = [jwk, nextJwk];
  assert.equal(await ask(next), 'CS-BEARER-007', 'asked for a moment ago');
  clock.advance(30_000);
  assert.equal(await ask(next), 'accepted');
  assert.equal(await ask(old), 'accepted');
  assert.equal(at.asked, 2);
  published = [nextJwk];
  clock.advance(30_000);
  assert.equal(await ask(await tokenFor(web, { header: { kid: 'c' } })), 'CS-BEARER-007');
  assert.equal(await ask(old), 'CS-BEARER-007', 'though it was seen before');
  assert.equal(await ask(next), 'accepted');
});

test('a flood of names that nobody knows asks for the keys once', async (t) => {
  const at = await host(t, (_request, response) => json(response, { keys: [jwk] }));
  const clock = manualClock(start);
  const ask = asking(signedTokens(new RemoteKeys({ address: at.address, clock })), clock);
  const flood = await Promise.all(
    Array.from({ length: 200 }, (_, number) => tokenFor(web, { header: { kid: `x${number}` } })),
  );
  const outcomes = new Set(await Promise.all(flood.map((token) => ask(token))));
  assert.deepEqual([...outcomes], ['CS-BEARER-007']);
  assert.equal(at.asked, 1);
  clock.advance(29_999);
  for (const token of flood) await ask(token);
  assert.equal(at.asked, 1);
});

test('the last good keys stay in use while their host fails, until they are too old', async (t) => {
  let works = true;
  const at = await host(t, (_request, response) => {
    if (works) json(response, { keys: [jwk] });
    else response.writeHead(500).end();
  });
  const clock = manualClock(start);
  const refusals: string[] = [];
  const source = new RemoteKeys({
    address: at.address,
    clock,
    keptMs: 3_600_000,
    onRefusal: ({ evidence }) => {
      refusals.push(String(evidence['reason']));
      throw new Error('a listener that fails');
    },
  });
  const ask = asking(signedTokens(source), clock);
  const life = { exp: start / 1000 + 36_000 };
  assert.equal(await ask(await tokenFor(web, { claims: life })), 'accepted');
  works = false;
  clock.advance(3_600_000);
  assert.equal(await ask(await tokenFor(web, { claims: { ...life, jti: '2' } })), 'accepted');
  clock.advance(1);
  assert.equal(await ask(await tokenFor(web, { claims: life })), 'CS-BEARER-018 status 500', 'seen before, too');
  assert.equal(refusals[0], 'status 500');
  works = true;
  clock.advance(30_000);
  assert.equal(await ask(await tokenFor(web, { claims: life })), 'accepted');
});

test('a host of keys that is gone, endless, silent, of HTML, or elsewhere is refused by name, and bounded', async (t) => {
  const token = await tokenFor(web);
  const outcomeOf = async (answer: RequestListener): Promise<string> => {
    const at = await host(t, answer);
    const clock = manualClock(start);
    return asking(signedTokens(new RemoteKeys({ address: at.address, clock })), clock)(token);
  };
  const tenThousand = Array.from({ length: 10_000 }, () => ({ kty: 'EC' }));
  const withType = (response: ServerResponse): ServerResponse => response.setHeader('content-type', 'application/json');
  const cases: [string, RequestListener][] = [
    ['status 404', (_request, response) => response.writeHead(404).end()],
    ['status 302', (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1/' }).end()],
    ['of the type text/html', (_request, response) => response.setHeader('content-type', 'text/html').end('<p>')],
    ['compressed', (_request, response) => withType(response).setHeader('content-encoding', 'gzip').end('{}')],
    [
      'not a JSON object that names each member once',
      (_request, response) => withType(response).end('{"keys":[],"keys":[]}'),
    ],
    ['without a list of keys', (_request, response) => json(response, { keys: {} })],
    ['more than 100 keys', (_request, response) => json(response, { keys: tenThousand })],
    ['none of its keys can be used', (_request, response) => json(response, { keys: [] })],
    [
      'a private or secret key is in it',
      (_request, response) => json(response, { keys: [jwk, { ...nextJwk, d: 'x' }] }),
    ],
    ['UND_ERR_SOCKET', (request) => request.socket.destroy()],
    [
      'longer than 262144 bytes',
      (_request, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(' '.repeat(65_536)));
          response.once('drain', more);
        };
        withType(response);
        more();
      },
    ],
  ];
  for (const [reason, answer] of cases) assert.equal(await outcomeOf(answer), `CS-BEARER-018 ${reason}`);
});

test('a host of keys that says nothing is given up in time', async (t) => {
  const clock = manualClock(start);
  const { promise: silent, resolve: heard } = Promise.withResolvers<undefined>();
  const at = await host(t, () => heard(undefined));
  const asked = asking(signedTokens(new RemoteKeys({ address: at.address, clock })), clock)(await tokenFor(web));
  await silent;
  clock.advance(5000);
  assert.equal(await asked, 'CS-BEARER-018 no answer within 5000 ms');
});

test('an address that is neither https nor of this machine is refused when it is given', () => {
  const clock = manualClock(start);
  for (const address of [
    'http://issuer.test/',
    'ftp://127.0.0.1/',
    'https://a:b@issuer.test/',
    'issuer.test',
    'http://127.0.0.1.issuer.test/',
  ])
    assert.throws(() => new RemoteKeys({ address, clock }), TypeError, address);
});

test('an opaque token is asked about once, in the name of its certificate, and never after it ended', async (t) => {
  let answer: object = { active: true, ...claimsFor(web, { exp: start / 1000 + 10 }) };
  const asked: string[] = [];
  const at = await host(t, (request, response) => {
    void formOf(request).then((form) => {
      asked.push(`${request.headers.authorization ?? ''} ${form.toString()}`);
      json(response, answer);
    });
  });
  const clock = manualClock(start);
  const source = introspectedTokens({ address: at.address, clock, authorization: () => 'Basic eA==' });
  const ask = asking(source, clock);
  assert.deepEqual(await Promise.all([ask('opaque'), ask('opaque')]), ['accepted', 'accepted']);
  assert.equal(await ask('opaque'), 'accepted');
  assert.deepEqual(asked, ['Basic eA== token=opaque&token_type_hint=access_token']);
  assert.equal(await ask('opaque', other), 'CS-BEARER-013');
  assert.equal(at.asked, 2, "another certificate's question is another");
  clock.advance(9_999);
  assert.equal(await ask('opaque'), 'accepted');
  assert.equal(at.asked, 2);
  clock.advance(1);
  answer = { active: false };
  assert.equal(await ask('opaque'), 'CS-BEARER-017');
});

test('a remembered answer ends after its time, though the token lives longer', async (t) => {
  let active = true;
  const at = await host(t, (_request, response) => json(response, { ...claimsFor(web), active }));
  const clock = manualClock(start);
  const ask = asking(introspectedTokens({ address: at.address, clock }), clock);
  assert.equal(await ask('opaque'), 'accepted');
  active = false;
  clock.advance(29_999);
  assert.equal(await ask('opaque'), 'accepted');
  clock.advance(1);
  assert.equal(await ask('opaque'), 'CS-BEARER-017');
  assert.throws(() => introspectedTokens({ address: at.address, clock, rememberMs: 300_001 }), TypeError);
});

test('an introspection that says anything but a clear yes is no', async (t) => {
  let answer: object = {};
  const at = await host(t, (_request, response) => json(response, answer));
  const clock = manualClock(start);
  const ask = asking(introspectedTokens({ address: at.address, clock }), clock);
  for (const active of ['true', 1, undefined, null]) {
    answer = { ...claimsFor(web), active };
    assert.equal(await ask('opaque'), 'CS-BEARER-019 active is neither true nor false');
  }
  for (const [missing, code] of [
    ['cnf', 'CS-BEARER-014'],
    ['exp', 'CS-BEARER-005'],
    ['aud', 'CS-BEARER-005'],
    ['iss', 'accepted'],
  ] as const) {
    answer = { ...claimsFor(web), active: true, [missing]: undefined };
    assert.equal(await ask(`without-${missing}`), code, missing);
  }
  answer = { ...claimsFor(web), active: true, token_type: 'DPoP' };
  assert.equal(await ask('dpop'), 'CS-BEARER-003');
});

test('an introspection that hangs is given up in time, and no crowd of questions waits with it', async (t) => {
  const { promise: silent, resolve: heard } = Promise.withResolvers<undefined>();
  const at = await host(t, () => heard(undefined));
  const clock = manualClock(start);
  const ask = asking(introspectedTokens({ address: at.address, clock, mostAtOnce: 1 }), clock);
  const first = ask('one');
  assert.equal(await ask('two'), 'CS-BEARER-019 too many questions at once');
  await silent;
  clock.advance(5000);
  assert.equal(await first, 'CS-BEARER-019 no answer within 5000 ms');
});

test('a request presents its token once: a second header, the query and a form are seen', () => {
  const at = (rawHeaders: string[], url = '/', body?: unknown): unknown => presentedIn({ rawHeaders, url, body });
  assert.deepEqual(at(['Host', 'x', 'AUTHORIZATION', 'Bearer a', 'authorization', 'Bearer b']), {
    authorization: ['Bearer a', 'Bearer b'],
    elsewhere: false,
  });
  assert.deepEqual(at([], '/orders?a=1&access%5Ftoken=x'), { authorization: [], elsewhere: true });
  assert.deepEqual(at([], '/orders?token=x'), { authorization: [], elsewhere: false });
  const form = ['Content-Type', 'application/x-www-form-urlencoded'];
  assert.deepEqual(at(form, '/', { access_token: 'x' }), { authorization: [], elsewhere: true });
  assert.deepEqual(at(['Content-Type', 'application/json'], '/', { access_token: 'x' }), {
    authorization: [],
    elsewhere: false,
  });
});
