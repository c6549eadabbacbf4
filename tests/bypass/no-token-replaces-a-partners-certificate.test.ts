/**
 * Class F at the gateway: a token that was stolen, forged or meant for others beside a good certificate of somebody else. Class B: a token of one route at
 * another. Class G: what was verified on one connection says nothing on another. Class C: an issuer that is gone. Class I: floods of tokens, and huge ones.
 * Stands for: RFC 8705, 1 (a token that leaks from a log); kube-rbac-proxy#354, go-oidc#450; RFC 8725, 2.1 (`alg` none), 3.9 (another audience).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import {
  audience,
  authority,
  call,
  type Call,
  certified,
  issuer,
  keySet,
  outcome,
  tokenGateway,
  tokenOf,
  type TokenWanted,
} from '../tokens/token-gateway.ts';
import { listeningOn } from '../fixtures/gateway/listening-on.ts';

const tokens = `{ bank: { issuer: '${issuer}', audience: '${audience}', jwks: keys.json } }`;
const [victim, thief] = [certified('acme'), certified('beta')];
const thiefs = { client: `spiffe://${authority.trustDomain}/beta`, bound: thief };
const stolen = await tokenOf({ bound: victim });

const ways: readonly (readonly [what: string, wanted: TokenWanted, expected: string])[] = [
  ["the victim's", { bound: victim }, '401 CS-BEARER-013'],
  ["the victim's name, bound to the thief", { bound: thief }, '401 CS-BEARER-015'],
  ["the victim's, bound to nothing", {}, '401 CS-BEARER-014'],
  ["the thief's own, for another resource", { ...thiefs, claims: { aud: 'https://other.test' } }, '401 CS-BEARER-010'],
  ["the thief's own, of another issuer", { ...thiefs, claims: { iss: 'https://evil.test' } }, '401 CS-BEARER-009'],
  ["the thief's own, from the future", { ...thiefs, now: Date.now() + 3_600_000 }, '401 CS-BEARER-012'],
  ["the thief's own, over", { ...thiefs, claims: { exp: 1 } }, '401 CS-BEARER-011'],
  ['an ID token', { ...thiefs, header: { typ: 'JWT' } }, '401 CS-BEARER-005'],
  ['one with a key of its own', { ...thiefs, header: { kid: 'b', jwk: keySet.keys[0] } }, '401 CS-BEARER-007'],
  ['one for DPoP', { ...thiefs, claims: { cnf: { jkt: 'x', 'x5t#S256': 'x' } } }, '401 CS-BEARER-003'],
];

test('nobody gets through the gateway with the token of another, nor with one that is not meant for it', async (t) => {
  const at = await tokenGateway(t, { tokens, token: '{ source: bank }' });
  // So that it is known and verified when the thief comes with it.
  assert.equal(await outcome(at, { as: victim, token: stolen }), '200 reached');
  assert.equal(await outcome(at, { as: thief, token: stolen }), '401 CS-BEARER-013');
  for (const [what, wanted, expected] of ways)
    assert.equal(await outcome(at, { as: thief, token: await tokenOf(wanted) }), expected, what);
  const unsigned = new UnsecuredJWT({ iss: issuer, aud: audience, exp: 9e9 }).encode();
  assert.match(await outcome(at, { as: thief, token: unsigned }), /^401 CS-BEARER-00[56]$/);
  const [head = '', body = ''] = stolen.split('.');
  const noAlgorithm = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
  assert.equal(await outcome(at, { as: thief, token: `${noAlgorithm}.${body}.` }), '401 CS-BEARER-006');
  assert.equal(await outcome(at, { as: thief, token: `${head}.${body}.AAAA` }), '401 CS-BEARER-008');
  assert.equal(at.reached.length, 1);
});

test('no second place for a token, and no header in the place of a certificate, changes whose it is', async (t) => {
  const at = await tokenGateway(t, { tokens, token: '{ source: bank }' });
  const own = await tokenOf(thiefs);
  const bearer = `Bearer ${stolen}`;
  const forged: readonly (readonly [Omit<Call, 'as'>, string])[] = [
    [{ headers: { authorization: [`Bearer ${own}`, bearer] } }, '400 CS-BEARER-004'],
    [{ token: own, path: `/?access_token=${stolen}` }, '400 CS-BEARER-004'],
    [{ path: `/?access_token=${stolen}` }, '400 CS-BEARER-004'],
    [{ headers: { 'proxy-authorization': bearer } }, '401 CS-BEARER-001'],
    [{ headers: { 'x-forwarded-authorization': bearer } }, '401 CS-BEARER-001'],
    [
      { token: stolen, headers: { 'x-forwarded-client-cert': `URI=spiffe://${authority.trustDomain}/acme` } },
      '401 CS-BEARER-013',
    ],
  ];
  for (const [asked, expected] of forged) assert.equal(await outcome(at, { as: thief, ...asked }), expected);
  assert.equal(await outcome(at, { as: undefined, host: 'either.test', token: stolen }), '401 CS-BEARER-013');
  assert.equal(at.reached.length, 0);
  assert.equal(await outcome(at, { as: thief, token: own }), '200 reached');
});

test('a renewed certificate needs a new token', async (t) => {
  const at = await tokenGateway(t, { tokens, token: '{ source: bank }' });
  const renewed = certified('acme');
  const { said, challenge } = await call(at, { as: renewed, token: stolen });
  assert.equal(said, '401 CS-BEARER-013');
  assert.match(challenge ?? '', /^Bearer error="invalid_token"/);
  assert.equal(await outcome(at, { as: renewed, token: await tokenOf({ bound: renewed }) }), '200 reached');
});

test('a token that is good at one issuer is not at another, whose name the route has', async (t) => {
  const both = tokens
    .replace(' }}', ` }}`)
    .replace('{ bank:', `{ other: { issuer: 'https://other.test', audience: '${audience}', jwks: keys.json }, bank:`);
  const at = await tokenGateway(t, { tokens: both, token: '{ source: other }' });
  assert.equal(await outcome(at, { as: victim, token: stolen }), '401 CS-BEARER-009');
});

test('a huge token is refused before anything of it is read', async (t) => {
  const at = await tokenGateway(t, { tokens, token: '{ source: bank }' });
  assert.equal(await outcome(at, { as: thief, token: 'a'.repeat(9000) }), '401 CS-BEARER-005');
  assert.equal(await outcome(at, { as: thief, token: 'a'.repeat(15_000) }), '401 CS-BEARER-005');
});

test('keys that are known go on while their host is gone, new ones fail closed, and floods of unknown names do not reach it', async (t) => {
  const clock = manualClock(Date.now());
  const host = { gone: false, asked: 0 };
  const port = await listeningOn(t, (request, response) => {
    host.asked += 1;
    if (host.gone) request.destroy();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(keySet));
  });
  const byAddress = tokens.replace('keys.json', `'http://127.0.0.1:${port}/jwks'`);
  const at = await tokenGateway(t, { tokens: byAddress, token: '{ source: bank }', clock });
  const dayMs = 86_400_000;
  const now = (): Promise<string> => tokenOf({ bound: victim, now: clock.now() });
  assert.equal(await outcome(at, { as: victim, token: await now() }), '200 reached');
  host.gone = true;
  const unknown = async (at_: number): Promise<string> =>
    outcome(at, { as: victim, token: await tokenOf({ bound: victim, header: { kid: `k${at_}` } }) });
  for (let number = 0; number < 30; number += 1) assert.equal(await unknown(number), '401 CS-BEARER-007');
  assert.ok(host.asked <= 2, `asked ${host.asked} times`);
  clock.advance(dayMs / 2);
  assert.equal(await outcome(at, { as: victim, token: await now() }), '200 reached', 'within a day');
  clock.advance(dayMs);
  assert.equal(await outcome(at, { as: victim, token: await now() }), '503 CS-BEARER-018');
  assert.equal(await outcome(at, { as: victim, token: stolen }), '503 CS-BEARER-018', 'one that was verified before');
  assert.ok(at.refusals.some(({ code }) => code === 'CS-BEARER-018'));
});
