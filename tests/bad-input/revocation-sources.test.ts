/**
 * Class C. What a list's address may answer: stale, of another scope, signed by another key, cut, never ending, too large, HTML, a redirect to where it may not lead, or
 * nothing. A server and a client of ours refuse who hangs on it with a code that names the cause, serve others meanwhile, and come to no harm.
 */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import {
  connect,
  createTlsServer,
  type Credential,
  fixedSource,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { openStatusMeans } from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import { type Holder, hourMs, makeRoot, makeService } from '../fixtures/certificates.ts';
import { startPublisher } from '../fixtures/list-publisher.ts';
import { entryFor, makeList } from '../fixtures/revocation-lists.ts';

const now = Math.floor(Date.now() / 1000) * 1000;
const valid = { notBefore: now - hourMs, notAfter: now + 10 * hourMs };
const corporate = makeRoot({ subject: 'corporate', ...valid });
const other = makeRoot({ subject: 'other', ...valid });
const partnerOf = (root: Holder): Holder =>
  makeService(root, { names: { dns: ['partner.internal'] }, subject: 'partner', ...valid });
const [partner, neighbour] = [partnerOf(corporate), partnerOf(other)];
const times = { thisUpdate: now - 60_000, nextUpdate: now + hourMs };
const whole = makeList(corporate, times);

const credentialOf = ({ certificate, key }: Holder): Credential => ({ chain: [certificate.raw], privateKey: key });

const answering =
  (status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array = '') =>
  (response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);

/** More than is taken, as fast as it is read. */
function flood(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/pkix-crl', 'content-length': String(200 * 1024 * 1024) });
  response.write(whole.raw);
}

type Given = Parameters<typeof startPublisher>[1];

const wrong: readonly (readonly [what: string, given: Given, code: string])[] = [
  ['stale', makeList(corporate, { thisUpdate: now - 2 * hourMs, nextUpdate: now - hourMs }), 'CS-CRL-004'],
  ['from the future', makeList(corporate, { thisUpdate: now + hourMs, nextUpdate: now + 2 * hourMs }), 'CS-CRL-005'],
  ['of authorities alone', makeList(corporate, { ...times, scope: { only: 'authority' } }), 'CS-CRL-006'],
  ['of another issuer', makeList(other, times), 'CS-CRL-003'],
  ['signed by another key', makeList(corporate, { ...times, key: other.key, identified: corporate.key }), 'CS-CRL-007'],
  ['cut', whole.raw.subarray(0, whole.raw.length - 40), 'CS-DER-001'],
  ['empty', new Uint8Array(), 'CS-PEM-001'],
  ['HTML', answering(200, { 'content-type': 'text/html' }, '<html>sign in</html>'), 'CS-FETCH-008'],
  ['an error', answering(500, {}), 'CS-FETCH-004'],
  ['a redirect to a neighbour', answering(302, { location: 'http://10.0.0.1/x.crl' }), 'CS-FETCH-006'],
  ['200 MB', flood, 'CS-FETCH-003'],
];

interface Scene {
  readonly warnings: Refusal[];
  /** 'admitted' or what is told, on the side that asks. */
  server(as: Holder): Promise<string>;
  client(to: Holder): Promise<string>;
}

async function scene(t: TestContext, url: string): Promise<Scene> {
  const warnings: Refusal[] = [];
  const bundles = fixedSource(
    new BundleSet('own.internal', [
      {
        trustDomain: 'own.internal',
        anchors: [corporate.certificate, other.certificate],
        intermediates: [],
        sequence: 1,
      },
    ]),
  );
  const plain = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock: systemClock });
  const neighbours = await startPublisher(t, makeList(other, times));
  const means = openStatusMeans(
    {
      lists: [{ url }, { url: neighbours.url }],
      listsFromCertificates: false,
      ocsp: 'none',
      undetermined: 'refuse',
      privateRanges: ['127.0.0.0/8'],
    },
    { clock: systemClock, toldByFeed: undefined, onWarning: (warning) => warnings.push(warning) },
  );
  const asking = new Trust({
    ...{ bundles, revocations: fixedSource(withoutRevocation), clock: systemClock },
    ...means.trustOptions,
  });
  t.after(() => {
    means.close();
    asking.close();
    plain.close();
  });
  const pair = async (of: { server: Trust; client: Trust; serving: Holder; calling: Holder }): Promise<string> => {
    const refusals: Refusal[] = [];
    const server = createTlsServer(
      allowAnyPeer(),
      {
        ...{ trust: of.server, credentials: fixedSource(credentialOf(of.serving)), clock: systemClock },
        onRefusal: (refusal) => refusals.push(refusal),
      },
      ({ socket }) => void socket.on('error', () => undefined).end('hello'),
    );
    try {
      const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
      const credentials = fixedSource(credentialOf(of.calling));
      const to = { host: '127.0.0.1', port, trust: of.client, credentials, clock: systemClock };
      const { socket } = await connect(allowAnyPeer(), to);
      // The server may still look: what it greets with says that it let in.
      const greeted = await new Promise((resolve) => {
        socket.once('data', () => resolve(true));
        socket.on('error', () => undefined).once('close', () => resolve(false));
      });
      socket.destroy();
      if (greeted !== true) throw new Error('closed without a greeting');
      return 'admitted';
    } catch (error) {
      const refusal = refusals[0] ?? error;
      return isRefusal(refusal) ? `${refusal.code} ${String(refusal.evidence['reason'])}` : String(error);
    } finally {
      await server.close({ graceMs: 0 });
    }
  };
  return {
    warnings,
    server: (calling) => pair({ server: asking, client: plain, serving: neighbour, calling }),
    client: (serving) => pair({ server: plain, client: asking, serving, calling: neighbour }),
  };
}

for (const [what, given, code] of wrong)
  test(`${what}: named, and nobody else is harmed`, async (t) => {
    const { url } = await startPublisher(t, given);
    const { server, client, warnings } = await scene(t, url);
    const told: string[] = [];
    for (const side of [server, client]) {
      const said = await side(partner);
      told.push(said);
      assert.match(said, /^CS-PEER-021 /, what);
      assert.equal(await side(neighbour), 'admitted', what);
    }
    assert.match([...told, ...warnings].join(), new RegExp(code));
  });

test('an answer that never comes holds up only who hangs on it', async (t) => {
  const held: ServerResponse[] = [];
  const publisher = await startPublisher(t, (response) => void held.push(response));
  const { server, client } = await scene(t, publisher.url);
  const waiting = server(partner);
  for (const side of [server, client]) assert.equal(await side(neighbour), 'admitted');
  publisher.given = whole;
  for (const response of held) response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(whole.raw);
  assert.equal(await waiting, 'admitted', 'it comes in the end');
  const { url } = await startPublisher(t, makeList(corporate, { ...times, revoked: [entryFor(partner)] }));
  assert.match(await (await scene(t, url)).server(partner), /^CS-PEER-008/);
});
