/**
 * Class F at the gateway, behind a proxy: a bound token counts for the certificate that the proxy says its caller showed, and for no other, that of the proxy's own
 * connection neither; nobody else's header makes it count. Class G: over one connection of the proxy each request is its own caller's.
 * Stands for: RFC 8705, 3 (the certificate of the request, behind what ends TLS, 7.1); OpenZiti GHSA-cc5m-7mhm-xh9f.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import { test } from 'node:test';
import { encodePem, toBase64 } from '../../packages/countersign/src/ground/encoding/index.ts';
import type { Credential } from '../../packages/countersign/src/runtime/tls/index.ts';
import { audience, authority, certified, issuer, outcome, tokenGateway, tokenOf } from '../tokens/token-gateway.ts';

const tokens = `{ bank: { issuer: '${issuer}', audience: '${audience}', jwks: keys.json } }`;
const [acme, beta, edge] = [certified('acme'), certified('beta'), certified('edge')];
const named = (name: string): string => `spiffe://${authority.trustDomain}/${name}`;
const clientCert = ({ chain: [leaf = new Uint8Array()] }: Credential): Record<string, string> => ({
  'client-cert': `:${toBase64(leaf)}:`,
});

const behind = {
  ...{ tokens, token: '{ source: bank }', more: ', forwarded: allowed' },
  hostMore: `, proxies: [{ who: { spiffeId: ${named('edge')} }, trust: ${authority.trustDomain}, takes: rfc9440 }]`,
};

const acmes = await tokenOf({ bound: acme });
const edges = { client: named('edge'), bound: edge };

/** Who connects, whom its header names, with which token, and what comes of it. */
const cases: readonly (readonly [
  what: string,
  as: Credential,
  names: Credential | undefined,
  token: string,
  said: string,
])[] = [
  ['of who is named', edge, acme, acmes, '200 reached'],
  ["of who is named, bound to the proxy's connection", edge, acme, await tokenOf({ bound: edge }), '401 CS-BEARER-013'],
  ["the proxy's own", edge, acme, await tokenOf(edges), '401 CS-BEARER-013'],
  ["another caller's", edge, beta, acmes, '401 CS-BEARER-013'],
  ["another's name, bound to who is named", edge, beta, await tokenOf({ bound: beta }), '401 CS-BEARER-015'],
  ['bound to nothing', edge, acme, await tokenOf({}), '401 CS-BEARER-014'],
  ["the proxy's own, where it names nobody", edge, undefined, await tokenOf(edges), '403 CS-GATEWAY-014'],
  ['stolen, with the header of a proxy from a caller', beta, acme, acmes, '401 CS-BEARER-013'],
  ['of who connects, whatever it says of others', acme, beta, acmes, '200 reached'],
];

test('a token is compared with the certificate that was shown to the proxy, and only where the route takes its word', async (t) => {
  const at = await tokenGateway(t, behind);
  for (const [what, as, names, token, said] of cases)
    assert.equal(await outcome(at, { as, token, headers: names && clientCert(names) }), said, what);
  const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
  const turned = async (token: string): Promise<string> =>
    outcome(at, { as: edge, token, headers: { ...upgrade, ...clientCert(acme) } });
  assert.equal(await turned(await tokenOf({ bound: edge })), '401 CS-BEARER-013');
  assert.equal(await turned(acmes), '200 reached', 'a service that does not turn it into anything');
  const { port } = await tokenGateway(t, { ...behind, more: '' });
  assert.equal(await outcome({ port }, { as: edge, token: acmes, headers: clientCert(acme) }), '403 CS-GATEWAY-081');
});

test('over one connection of HTTP/2 each stream is of the caller that it names', async (t) => {
  const at = await tokenGateway(t, behind);
  const session = connect(`https://127.0.0.1:${String(at.port)}`, {
    ...{ servername: 'api.test', rejectUnauthorized: false, key: edge.privateKey.toPem() },
    cert: edge.chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
  });
  t.after(() => session.destroy());
  const over = async (names: Credential | undefined, token: string): Promise<string> => {
    const headers = { ':path': '/', ':authority': 'api.test', authorization: `Bearer ${token}` };
    const stream = session.request({ ...headers, ...(names && clientCert(names)) });
    const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders & IncomingHttpStatusHeader];
    let body = '';
    for await (const piece of stream.setEncoding('utf8')) body += String(piece);
    return `${String(answer[':status'])} ${/CS-[A-Z]+-\d+/.exec(body)?.[0] ?? body}`;
  };
  const ofEdge = cases.filter(([, as]) => as === edge);
  const said = await Promise.all(ofEdge.map(([, , names, token]) => over(names, token)));
  assert.deepEqual(
    said,
    ofEdge.map(([, , , , expected]) => expected),
  );
});
