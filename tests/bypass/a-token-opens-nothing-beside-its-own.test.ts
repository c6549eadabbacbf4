/**
 * Classes A and D, with tokens, at the gateway's routes: a token comes back with another certificate of the same partner, with the owner's certificate as a filler
 * or its name in a self-signed one, on a session that was kept; its binding is said twice or in another form; over HTTP/1.1, HTTP/2, and for a WebSocket, which
 * ends with its token. Class F: schemes and headers that two readers read differently. Stands for: Keycloak CVE-2023-2422; nginx CVE-2025-23419; go-oidc#450.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { toBase64Url } from '../../packages/countersign/src/ground/encoding/index.ts';
import { thumbprint } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import type { Credential } from '../../packages/countersign/src/runtime/tls/index.ts';
import { type AccessRecord, checkText } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { makeRoot } from '../fixtures/certificates.ts';
import { presented } from '../fixtures/presented.ts';
import {
  audience,
  authority,
  certified,
  issuer,
  loaded,
  outcome,
  signedText,
  tokenGateway,
  tokenOf,
  written,
} from '../tokens/token-gateway.ts';
import { listeningOn } from '../fixtures/gateway/listening-on.ts';
import { openGateway } from '../fixtures/gateway/open-gateway.ts';

const tokens = `{ bank: { issuer: '${issuer}', audience: '${audience}', jwks: keys.json, clients: { app: acme } } }`;
const wanted = { tokens, token: '{ source: bank }' };
const [owner, renewed, sibling, thief] = [
  certified('acme'),
  certified('acme'),
  certified('acme-next'),
  certified('beta'),
];
const own = await tokenOf({ bound: owner });
const thumbprintOf = ({ chain: [leaf = new Uint8Array()] }: Credential): string => thumbprint(leaf);

test('no other certificate of its partner opens it, whoever the client is said to be', async (t) => {
  const at = await tokenGateway(t, wanted);
  const byClient = await tokenOf({ client: 'app', bound: owner });
  for (const token of [own, byClient]) {
    assert.equal(await outcome(at, { as: owner, token }), '200 reached');
    for (const as of [renewed, sibling, thief]) assert.equal(await outcome(at, { as, token }), '401 CS-BEARER-013');
    assert.equal(await outcome(at, { as: undefined, host: 'either.test', token }), '401 CS-BEARER-013');
  }
  assert.equal(at.reached.length, 2);
});

test("the owner's certificate behind another leaf, and its name in a self-signed one, are not the owner's", async (t) => {
  const at = await tokenGateway(t, wanted);
  const filled: Credential = { ...thief, chain: [...thief.chain.slice(0, 1), ...owner.chain, ...thief.chain.slice(1)] };
  assert.equal(await outcome(at, { as: filled, token: own }), '401 CS-BEARER-013');
  const selfSigned = makeRoot({ names: { uri: [`spiffe://${authority.trustDomain}/acme`] } });
  const forged: Credential = { chain: [selfSigned.certificate.raw], privateKey: selfSigned.key };
  for (const host of ['api.test', 'either.test']) {
    const said = await outcome(at, { as: forged, host, token: await tokenOf({ bound: forged }) }).catch(
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
    assert.match(String(said), /^(?:\d+ CS-PEER-\d+|401 CS-BEARER-013|ECONNRESET|EPIPE)$/, host);
  }
  assert.equal(at.reached.length, 0);
});

test('what a connection left behind brings back neither its certificate nor its token', async (t) => {
  const at = await tokenGateway(t, wanted);
  for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
    const sessions: Buffer[] = [];
    const come = async (host: string, more: ConnectionOptions): Promise<{ reused: boolean; said: string }> => {
      const where = { host: '127.0.0.1', port: at.port, servername: host, rejectUnauthorized: false };
      const socket = connectTls({ ...where, minVersion: maxVersion, maxVersion, ...more });
      socket.on('session', (one: Buffer) => sessions.push(one));
      socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\nauthorization: Bearer ${own}\r\n\r\n`);
      let said = '';
      socket
        .on('data', (octets: Buffer) => (said += octets.toString()))
        .on('error', (error) => (said += String(error)));
      await new Promise((resolve) => socket.once('close', resolve));
      return { reused: socket.isSessionReused(), said };
    };
    const first = await come('either.test', presented(owner));
    if (maxVersion === 'TLSv1.3') assert.match(first.said, /reached/);
    else assert.doesNotMatch(first.said, /reached/, 'it speaks no other version');
    for (const session of [...sessions, undefined])
      for (const host of ['either.test', 'api.test'])
        for (const shown of [{}, presented(thief)]) {
          const { reused, said } = await come(host, { ...shown, session });
          // Null, where there was no handshake.
          assert.notEqual(reused, true);
          assert.doesNotMatch(said, /reached/, `${maxVersion} ${host}`);
        }
  }
  assert.equal(at.reached.length, 1);
});

test('a binding has one form, and is said once', async (t) => {
  const at = await tokenGateway(t, wanted);
  const [mine, whole] = [thumbprintOf(thief), Buffer.from(thumbprintOf(thief), 'base64url')];
  const now = Math.floor(Date.now() / 1000);
  const id = `spiffe://${authority.trustDomain}/beta`;
  const head = `"iss":"${issuer}","aud":"${audience}","client_id":"${id}","iat":${now},"exp":${now + 600}`;
  const bound = (member: string): string => `"cnf":{${member}}`;
  const x5t = (value: string): string => bound(`"x5t#S256":"${value}"`);
  assert.equal(await outcome(at, { as: thief, token: await signedText(`{${head},${x5t(mine)}}`) }), '200 reached');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const lastBits = mine.slice(0, 42) + (alphabet[alphabet.indexOf(mine[42] ?? '') | 1] ?? '');
  const swapped = mine.replace(/[A-Za-z]/g, (one) => (one < 'a' ? one.toLowerCase() : one.toUpperCase()));
  const other = thumbprintOf(owner);
  const forms: Readonly<Record<string, readonly [member: string, codes: RegExp]>> = {
    padding: [x5t(`${mine}=`), /005/],
    hex: [x5t(whole.toString('hex')), /005/],
    'hex in capitals with colons': [
      x5t(
        whole
          .toString('hex')
          .toUpperCase()
          .replace(/..(?!$)/g, '$&:'),
      ),
      /005/,
    ],
    'base64 of the other alphabet': [x5t(whole.toString('base64')), /005/],
    'the other case': [x5t(swapped), /005|013/],
    'bits that nobody looks at': [x5t(lastBits), /005/],
    'a space': [x5t(` ${mine}`), /005/],
    'a line': [x5t(`${mine}\\n`), /005/],
    'of the text of the hash': [x5t(toBase64Url(Buffer.from(whole.toString('hex')))), /005/],
    empty: [x5t(''), /005/],
    'a list': [bound(`"x5t#S256":["${mine}"]`), /005/],
    'nothing in it': [bound(`"x5t#S256":null`), /005/],
    'by SHA-1 alone': [bound(`"x5t":"${mine.slice(0, 27)}"`), /014/],
    'in another case': [bound(`"X5T#S256":"${mine}"`), /014/],
    'of no object': [`"cnf":"${mine}"`, /005/],
    'of nothing': ['"cnf":null', /005/],
    'in a list': [`"cnf":[{"x5t#S256":"${mine}"}]`, /005/],
    'beside it': [`"x5t#S256":"${mine}"`, /014/],
    'twice, the own last': [`${x5t(other)},${x5t(mine)}`, /005/],
    'twice, the own first': [`${x5t(mine)},${x5t(other)}`, /005/],
    'twice, one escaped': [`"c\\u006ef":{"x5t#S256":"${other}"},${x5t(mine)}`, /005/],
    'two in one': [bound(`"x5t#S256":"${other}","x5t#S256":"${mine}"`), /005/],
    'with a key of DPoP': [bound(`"x5t#S256":"${mine}","jkt":"x"`), /003/],
    'of a prototype': [`"__proto__":{${x5t(mine)}}`, /005/],
  };
  for (const [what, [member, codes]] of Object.entries(forms)) {
    const said = await outcome(at, { as: thief, token: await signedText(`{${head},${member}}`) });
    assert.match(said, /^401 CS-BEARER-\d+$/, what);
    assert.match(said, codes, what);
  }
  assert.equal(at.reached.length, 1);
});

/** What stands in Authorization, and what is said of it; of the second its owner's too. */
const headers: readonly (readonly [what: string, lines: readonly string[], said: string])[] = [
  ['the scheme in lower case', [`bearer ${own}`], '200'],
  ['the scheme in capitals', [`BEARER ${own}`], '200'],
  ['two of them', [`Bearer ${own}`, `Bearer ${own}`], '400 CS-BEARER-004'],
  ['two, the second of another scheme', [`Bearer ${own}`, 'Basic eDp5'], '400 CS-BEARER-004'],
  ['two, the first of another scheme', ['Basic eDp5', `Bearer ${own}`], '400 CS-BEARER-004'],
  ['two in one', [`Bearer ${own}, Bearer ${own}`], '400 CS-BEARER-004'],
  ['two tokens', [`Bearer ${own} ${own}`], '400 CS-BEARER-004'],
  ['a tab', [`Bearer\t${own}`], '400 CS-BEARER-004'],
  ['in quotation marks', [`Bearer "${own}"`], '400 CS-BEARER-004'],
  ['no token', ['Bearer'], '400 CS-BEARER-004'],
  ['DPoP', [`DPoP ${own}`], '401 CS-BEARER-002'],
  ['another scheme', [`Basic ${Buffer.from(`acme:${own}`).toString('base64')}`], '401 CS-BEARER-002'],
  ['a longer scheme', [`BearerX ${own}`], '401 CS-BEARER-002'],
];

test('a header that could be read in two ways is refused, over either version of HTTP and for an upgrade', async (t) => {
  const at = await tokenGateway(t, wanted);
  const session = connectHttp2(`https://127.0.0.1:${at.port}`, {
    ...{ servername: 'api.test', rejectUnauthorized: false, strictSingleValueFields: false, ...presented(owner) },
  });
  session.on('error', () => undefined);
  t.after(() => session.destroy());
  const overHttp2 = async (lines: readonly string[], path = '/'): Promise<string> => {
    const fields = [':method', 'GET', ':scheme', 'https', ':authority', 'api.test', ':path', path];
    const stream = session.request([...fields, ...lines.flatMap((line) => ['authorization', line])]);
    stream.on('error', () => undefined);
    let [status, body] = [0, ''];
    stream.on('response', ({ ':status': given = 0 }) => (status = given));
    stream.setEncoding('utf8').on('data', (text: string) => (body += text));
    await once(stream, 'close');
    return `${status} ${/CS-[A-Z]+-\d+/.exec(body)?.[0] ?? body}`;
  };
  const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
  let reached = 0;
  for (const [what, lines, said] of headers) {
    const expected = said === '200' ? '200 reached' : said;
    if (said === '200') reached += 3;
    assert.equal(await outcome(at, { as: owner, headers: { authorization: [...lines] } }), expected, what);
    assert.equal(await overHttp2(lines), expected, `${what}, HTTP/2`);
    const asked = { as: owner, headers: { authorization: [...lines], ...upgrade } };
    assert.equal(await outcome(at, asked), expected, `${what}, an upgrade`);
  }
  for (const path of ['/?access_token=x', '/?a=1&access%5Ftoken=x', '/?access_token'])
    for (const said of [await outcome(at, { as: owner, token: own, path }), await overHttp2([`Bearer ${own}`], path)])
      assert.equal(said, '400 CS-BEARER-004', path);
  assert.equal(at.reached.length, reached);
  for (const { authorization } of at.reached) assert.equal(authorization, undefined);
});

test('a route of a host that asks for no certificate asks for no token: it is refused where it is written', async () => {
  const text = written(1, wanted).replace(
    'either.test: { certificate: optional, credential: main, trust: [',
    'either.test: { certificate: none, credential: main, trust: [',
  );
  const checked = await checkText(text.replace(/(certificate: none, credential: main), trust: \[[^\]]*\]/, '$1'));
  assert.ok('problems' in checked);
  assert.ok(
    checked.problems.some(({ code, evidence }) => code === 'CS-GATEWAY-007' && evidence['route'] === 'either'),
    JSON.stringify(checked),
  );
});

/** A gateway before a service that makes a WebSocket of whatever asks for one. */
async function sockets(t: TestContext, clock = manualClock(Date.now())) {
  const service = createServer((_, response) => response.end('reached'));
  service.on('upgrade', (_, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello');
  });
  const servicePort = await listeningOn(t, service);
  const records: AccessRecord[] = [];
  const onAccess = (one: AccessRecord): void => void records.push(one);
  const start = async (token: string) => {
    const configuration = await loaded(written(servicePort, { tokens, token }));
    return (await openGateway(t, configuration, { clock, onAccess })).port;
  };
  const open = async (port: number, token: string) => {
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      servername: 'api.test',
      rejectUnauthorized: false,
      ...presented(owner),
    });
    socket.on('error', () => undefined);
    const closed = new Promise<string>((resolve) => socket.once('close', () => resolve('closed')));
    const upgrade = 'connection: upgrade\r\nupgrade: websocket';
    socket.write(`GET /ws HTTP/1.1\r\nhost: api.test\r\n${upgrade}\r\nauthorization: Bearer ${token}\r\n\r\n`);
    let said = '';
    while (!said.includes('hello')) said += String((await once(socket, 'data'))[0]);
    return { socket, closed };
  };
  return { clock, records, start, open };
}

test('a WebSocket ends with the token that opened it, and not where the token is only observed', async (t) => {
  const { clock, records, start, open } = await sockets(t);
  const at = Math.floor(clock.now() / 1000);
  const brief = await tokenOf({ bound: owner, now: clock.now(), claims: { exp: at + 60 } });
  const long = await tokenOf({ bound: owner, now: clock.now(), claims: { exp: at + 3600 } });
  const port = await start('{ source: bank }');
  const [ending, lasting] = [await open(port, brief), await open(port, long)];
  const observed = await open(await start('{ source: bank, observe: true }'), brief);
  clock.advance(61_000);
  assert.equal(await ending.closed, 'closed');
  while (records.length === 0) await new Promise(setImmediate);
  assert.deepEqual(
    records.map(({ path, status, code }) => [path, status, code]),
    [['/ws', 101, 'CS-BEARER-011']],
  );
  for (const { socket } of [lasting, observed]) assert.equal(socket.destroyed, false);
  assert.equal(await outcome({ port }, { as: owner, token: brief }), '401 CS-BEARER-011');
  for (const { socket } of [lasting, observed]) socket.destroy();
});
