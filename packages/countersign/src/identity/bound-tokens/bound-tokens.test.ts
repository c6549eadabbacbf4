import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal, Refusal, registry, type RefusalCode } from '../../ground/errors/index.ts';
import { spiffeId } from '../authorization/index.ts';
import {
  bearerAnswer,
  checkBoundToken,
  type BoundPeer,
  parseCompactJws,
  parseStrictObject,
  presentedToken,
  readJwtClaims,
  requireRouteRules,
  requireTokenRules,
  type RouteRules,
  type TokenRules,
} from './index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const encoded = (value: unknown): string =>
  btoa(typeof value === 'string' ? value : JSON.stringify(value))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'accepted';
  } catch (error) {
    if (isRefusal(error)) return error.code;
    throw error;
  }
}

const now = 1_800_000_000_000;
const thumbprint = 'A'.repeat(43);
const peer: BoundPeer = {
  name: 'spiffe://test.internal/web',
  spiffeId: 'spiffe://test.internal/web',
  dnsNames: ['web.test'],
  ipAddresses: ['10.0.0.1'],
  uris: ['spiffe://test.internal/web', 'urn:client:7'],
  spkiPin: '00',
  thumbprint,
};
const rules: TokenRules = { issuer: 'https://issuer.test', audience: ['https://orders.test', 'orders'] };
const good = {
  iss: 'https://issuer.test',
  sub: 'somebody',
  client_id: 'spiffe://test.internal/web',
  aud: 'https://orders.test',
  iat: now / 1000,
  exp: now / 1000 + 300,
  scope: 'read write',
  cnf: { 'x5t#S256': thumbprint },
};

function outcome(changed: object, route: RouteRules = {}, more: Partial<TokenRules> = {}, at: number = now): string {
  const claims = JSON.parse(JSON.stringify({ ...good, ...changed })) as Record<string, unknown>;
  return codeOf(() =>
    checkBoundToken({ claims: readJwtClaims(claims), peer, rules: { ...rules, ...more }, route, now: at }),
  );
}

test('a token of the peer itself, bound to its certificate, is accepted', () => {
  assert.equal(outcome({}), 'accepted');
  assert.equal(outcome({ aud: ['other', 'orders'] }), 'accepted');
  assert.equal(outcome({}, { scopes: ['write', 'read'] }), 'accepted');
});

test('its binding is compared, and nothing replaces it', () => {
  assert.equal(outcome({ cnf: { 'x5t#S256': `${'A'.repeat(42)}E` } }), 'CS-BEARER-013');
  assert.equal(outcome({ cnf: undefined }), 'CS-BEARER-014');
  assert.equal(outcome({ cnf: {} }), 'CS-BEARER-014');
  assert.equal(outcome({ cnf: { jkt: 'x' } }), 'CS-BEARER-003');
  assert.equal(outcome({ cnf: { jkt: 'x', 'x5t#S256': thumbprint } }), 'CS-BEARER-003');
  for (const cnf of ['text', [thumbprint], null, { 'x5t#S256': 1 }, { 'x5t#S256': `${thumbprint}=` }])
    assert.equal(outcome({ cnf }), 'CS-BEARER-005', JSON.stringify(cnf));
  assert.equal(outcome({ cnf: { 'x5t#S256': `${'A'.repeat(42)}B` } }), 'CS-BEARER-005', 'bits that no octet has');
});

test('a route that allows unbound tokens still compares those that are bound', () => {
  const route = { unboundTokens: 'allow' } as const;
  assert.equal(outcome({ cnf: undefined }, route), 'accepted');
  assert.equal(outcome({ cnf: { 'x5t#S256': `${'A'.repeat(42)}E` } }, route), 'CS-BEARER-013');
  assert.equal(outcome({ cnf: { jwk: {} } }, route), 'CS-BEARER-014');
  assert.equal(outcome({ cnf: undefined, client_id: 'other' }, route), 'CS-BEARER-015');
});

test('its subject or client is the identity of the certificate', () => {
  assert.equal(outcome({ client_id: 'other' }), 'CS-BEARER-015');
  assert.equal(outcome({ client_id: undefined, sub: undefined }), 'CS-BEARER-015');
  assert.equal(outcome({ client_id: 'other', sub: 'spiffe://test.internal/web' }), 'accepted');
  assert.equal(outcome({ client_id: 'urn:client:7' }), 'accepted');
  assert.equal(outcome({ client_id: 'WEB.test' }), 'accepted');
  assert.equal(outcome({ client_id: 'spiffe://test.internal/WEB' }), 'CS-BEARER-015');
  assert.equal(outcome({ client_id: '10.0.0.1' }), 'CS-BEARER-015', 'an address is nobody');
  assert.equal(outcome({ client_id: 'other' }, { otherIdentities: 'allow' }), 'accepted');
});

test('a client with a policy of its own is compared by that alone', () => {
  const clients = new Map([
    ['client-7', spiffeId('spiffe://test.internal/web')],
    ['client-8', spiffeId('spiffe://test.internal/other')],
  ]);
  assert.equal(outcome({ client_id: 'client-7' }, {}, { clients }), 'accepted');
  const sub = 'spiffe://test.internal/web';
  assert.equal(outcome({ client_id: 'client-8', sub }, {}, { clients }), 'CS-BEARER-015');
});

test('issuer, audience and times hold to the second', () => {
  const at = now / 1000;
  assert.equal(outcome({ iss: 'https://issuer.test/' }), 'CS-BEARER-009');
  assert.equal(outcome({ iss: undefined }), 'CS-BEARER-005');
  assert.equal(outcome({ aud: ['https://orders.test/'] }), 'CS-BEARER-010');
  for (const aud of [undefined, [], 7, ['orders', 7]]) assert.equal(outcome({ aud }), 'CS-BEARER-005');
  assert.equal(outcome({ exp: at }), 'CS-BEARER-011');
  assert.equal(outcome({ exp: at + 0.001 }), 'accepted');
  for (const exp of [undefined, '2000000000', -1, null]) assert.equal(outcome({ exp }), 'CS-BEARER-005');
  for (const claim of ['iat', 'nbf']) {
    assert.equal(outcome({ [claim]: at + 10 }), 'accepted', claim);
    assert.equal(outcome({ [claim]: at + 11 }), 'CS-BEARER-012', claim);
    assert.equal(outcome({ [claim]: at + 60 }, {}, { clockToleranceMs: 60_000 }), 'accepted', claim);
    assert.equal(outcome({ [claim]: at + 61 }, {}, { clockToleranceMs: 60_000 }), 'CS-BEARER-012', claim);
  }
});

test('what is asked of the rules is asked when they are made', () => {
  assert.throws(() => requireTokenRules({ ...rules, clockToleranceMs: 60_001 }), TypeError);
  assert.throws(() => requireTokenRules({ ...rules, clockToleranceMs: Number.NaN }), TypeError);
  assert.throws(() => requireTokenRules({ ...rules, audience: [] }), TypeError);
  assert.throws(() => requireTokenRules({ ...rules, clients: new Map([['a', {} as never]]) }), TypeError);
  assert.throws(() => requireRouteRules({ unboundTokens: 'yes' as never }), TypeError);
  assert.throws(() => requireRouteRules({ scopes: ['a"b'] }), TypeError);
});

test('a missing scope is told, with all that are needed', () => {
  assert.equal(outcome({}, { scopes: ['admin'] }), 'CS-BEARER-016');
  assert.equal(outcome({ scope: undefined }, { scopes: ['read'] }), 'CS-BEARER-016');
});

test('one token is taken from one header, and from nowhere else', () => {
  const codeFor = (authorization: readonly string[], elsewhere = false): string =>
    codeOf(() => presentedToken({ authorization, elsewhere }));
  assert.equal(presentedToken({ authorization: ['bEARER a.b-c_d~+/=='] }), 'a.b-c_d~+/==');
  assert.equal(codeFor([]), 'CS-BEARER-001');
  assert.equal(codeFor(['DPoP abc']), 'CS-BEARER-002');
  assert.equal(codeFor(['Basic YTpi']), 'CS-BEARER-002');
  assert.equal(codeFor(['Bearer a', 'Bearer a']), 'CS-BEARER-004');
  assert.equal(codeFor(['Bearer a'], true), 'CS-BEARER-004');
  assert.equal(codeFor([], true), 'CS-BEARER-004');
  for (const header of [
    '',
    ' Bearer a',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a, Bearer b',
    'Bearer\ta',
    'Bearer é',
  ])
    assert.equal(codeFor([header]), 'CS-BEARER-004', header);
  assert.equal(codeFor([`Bearer ${'a'.repeat(8192)}`]), 'accepted');
  assert.equal(codeFor([`Bearer ${'a'.repeat(8193)}`]), 'CS-BEARER-005');
});

test('a header of a token is held to what is understood', () => {
  const codeFor = (header: unknown): string => codeOf(() => parseCompactJws(`${encoded(header)}.e30.AAAA`));
  const header = { alg: 'ES256', typ: 'at+jwt', kid: 'a' };
  assert.equal(codeFor(header), 'accepted');
  assert.equal(codeFor({ ...header, typ: 'application/AT+JWT' }), 'accepted');
  assert.equal(
    codeFor({ ...header, jku: 'https://evil.test', jwk: {}, x5u: 'x', x5c: [] }),
    'accepted',
    'not looked at',
  );
  for (const typ of ['JWT', 'dpop+jwt', '', undefined, 1]) assert.equal(codeFor({ ...header, typ }), 'CS-BEARER-005');
  for (const alg of ['none', 'None', 'HS256', 'RS256', 'es256', '', 1, undefined])
    assert.equal(codeFor({ ...header, alg }), 'CS-BEARER-006');
  for (const crit of [['b64'], ['exp'], [], null]) assert.equal(codeFor({ ...header, crit }), 'CS-BEARER-005');
  assert.equal(codeFor({ ...header, kid: 1 }), 'CS-BEARER-005');
  assert.equal(codeFor({ ...header, kid: 'k'.repeat(257) }), 'CS-BEARER-005');
  for (const text of [
    '{"alg":"ES256","typ":"at+jwt","alg":"none"}',
    '[]',
    '"x"',
    'x',
    '{"alg":"ES256","typ":"at+jwt"} x',
  ])
    assert.equal(codeFor(text), 'CS-BEARER-005', text);
  const first = encoded(header);
  for (const token of ['', 'a', 'a.b', '...', `${first}.e30.AAAA.`, `${first}.e30.AA.AA.AA`, `${first}.e30=.AAAA`])
    assert.equal(
      codeOf(() => parseCompactJws(token)),
      'CS-BEARER-005',
      token,
    );
  assert.equal(
    codeOf(() => parseCompactJws(`${first}.e31.AAAA`)),
    'CS-BEARER-005',
    'stray bits',
  );
});

test('an object that two readers could read differently is none', () => {
  const read = (text: string): unknown => parseStrictObject(bytes(text));
  assert.deepEqual(read('{"a":{"a":1,"b":[{"a":1},{"a":2}]},"b":"a\\"b\\\\"}'), {
    a: { a: 1, b: [{ a: 1 }, { a: 2 }] },
    b: 'a"b\\',
  });
  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"a":1,"b":["a",{}],"a":2}}',
    '{"x":[{"a":"\\\\\\"","a":1}]}',
    '{"__proto__":{}}',
    '{"a":1}{}',
    '\u{feff}{}',
    '[]',
    'null',
    '',
  ])
    assert.equal(read(text), undefined, text);
  assert.equal(parseStrictObject(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), undefined, 'not UTF-8');
  assert.equal(read(`{"a":${'['.repeat(20)}${']'.repeat(20)}}`), undefined, 'nested beyond reason');
  assert.notEqual(read(`{"a":"${'\\\\'.repeat(100_000)}"}`), undefined);
});

test('claims that were read do not change, whatever a handler does', () => {
  const claims = readJwtClaims(JSON.parse(JSON.stringify(good)) as Record<string, unknown>);
  assert.throws(() => Object.assign(claims, { subject: 'admin' }), TypeError);
  assert.throws(() => (claims.scopes as string[]).push('admin'), TypeError);
  (claims.all as { sub: string }).sub = 'admin';
  assert.equal(claims.all['sub'], 'somebody');
});

test('the answers are those of RFC 6750', () => {
  const answerTo = (code: RefusalCode, scopes: string[] = []): unknown =>
    bearerAnswer(new Refusal(code, {} as never), scopes);
  assert.deepEqual(answerTo('CS-BEARER-001'), { status: 401, challenge: 'Bearer' });
  assert.deepEqual(answerTo('CS-BEARER-002', ['read']), { status: 401, challenge: 'Bearer scope="read"' });
  assert.deepEqual(answerTo('CS-BEARER-004'), {
    status: 400,
    challenge: 'Bearer error="invalid_request", error_description="CS-BEARER-004 token not presented as it must be"',
  });
  assert.deepEqual(answerTo('CS-BEARER-013', ['read']), {
    status: 401,
    challenge: 'Bearer error="invalid_token", error_description="CS-BEARER-013 token bound to another certificate"',
  });
  assert.deepEqual(answerTo('CS-BEARER-016', ['read', 'write']), {
    status: 403,
    challenge:
      'Bearer error="insufficient_scope", error_description="CS-BEARER-016 token without the scope", scope="read write"',
  });
  assert.deepEqual(answerTo('CS-BEARER-018'), { status: 503, challenge: undefined });
  assert.deepEqual(answerTo('CS-PEER-008'), { status: 403, challenge: undefined });
});

test('each code of tokens has its answer, in characters that a challenge may have', () => {
  for (const [code, entry] of registry) {
    if (!code.startsWith('CS-BEARER-')) continue;
    const { status, challenge } = bearerAnswer(new Refusal(code as RefusalCode, {} as never));
    assert.equal(status, entry.http, code);
    assert.equal(challenge === undefined, entry.http === 503, code);
    assert.match(challenge ?? '', /^[\x20-\x7e]*$/, code);
    assert.doesNotMatch(entry.title, /["\\]/);
  }
});
