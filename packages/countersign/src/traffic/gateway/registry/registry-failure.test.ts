import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemClock as clock } from '../../../ground/clock/index.ts';
import { Refusal, toProblemDocument } from '../../../ground/errors/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { authorityId } from '../../../runtime/api/index.ts';
import { sha256HexOfText } from '../../../runtime/cryptography/index.ts';
import { createServer, fixedSource, MutableSource, Trust } from '../../../runtime/tls/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { RegistryFollower } from './registry-follower.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
/** Another one of the same name: what it issues is nobody's here. */
const stranger = new TestAuthority({ trustDomain: domain });
const own = new URL(authorityId(domain)).pathname.slice(1);

interface Behind {
  readonly answers?: RequestListener;
  readonly credential?: ReturnType<TestAuthority['issue']>;
  /** Whose certificates it takes. */
  readonly takes?: TestAuthority;
}

async function port(t: TestContext, { answers, credential, takes = authority }: Behind): Promise<number> {
  const bundles = fixedSource(takes.bundles());
  const server = createServer(
    allowAnyPeer(),
    {
      trust: new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock }),
      credentials: fixedSource(credential ?? authority.issue(own)),
      clock,
      onRefusal: () => undefined,
      onClosed: () => undefined,
    },
    answers ?? ((_, response) => response.end()),
  );
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

/** What is told first. */
async function told(t: TestContext, place: number): Promise<Refusal> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  t.after(() => rm(folder, { recursive: true }));
  const first = Promise.withResolvers<Refusal>();
  const follower = new RegistryFollower({
    settings: { authority: `https://127.0.0.1:${place}`, trust: domain, credential: 'main', cache: 'cache' },
    cachePath: join(folder, 'cache'),
    cached: undefined,
    credentials: new MutableSource(authority.issue('gateway')),
    bundles: new MutableSource(authority.bundles()),
    clock,
    onPartners: () => assert.fail('nothing of it is taken'),
    onTrouble: (refusal) => first.resolve(refusal),
  });
  follower.begin();
  const refusal = await first.promise;
  assert.equal(follower.state, 'never-heard');
  await follower.close();
  return refusal;
}

const saying =
  (status: number, body: unknown): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const full = toProblemDocument(new Refusal('CS-STORE-004', { operation: 'partners', file: 'db' }));
const refused = toProblemDocument(new Refusal('CS-PARTNER-011', { name: 'gateway' }));

const failures: readonly (readonly [string, string, RegExp, (t: TestContext) => Promise<number>])[] = [
  ['nobody listens', 'CS-GATEWAY-065', /ECONNREFUSED/, () => Promise.resolve(1)],
  ['the authority says no', 'CS-GATEWAY-070', /CS-PARTNER-011/, (t) => port(t, { answers: saying(403, refused) })],
  ['its disk is full', 'CS-GATEWAY-065', /CS-STORE-004/, (t) => port(t, { answers: saying(503, full) })],
  ['it does not take the certificate', 'CS-GATEWAY-070', /CS-TLS-016/, (t) => port(t, { takes: stranger })],
  ['another service', 'CS-GATEWAY-071', /CS-PEER-/, (t) => port(t, { credential: authority.issue('other') })],
  ['another authority', 'CS-GATEWAY-071', /CS-PEER-/, (t) => port(t, { credential: stranger.issue(own) })],
  ['a page', 'CS-GATEWAY-072', /not the JSON/, (t) => port(t, { answers: saying(200, 'hello') })],
  ['a status of a proxy', 'CS-GATEWAY-072', /CS-NET-003/, (t) => port(t, { answers: saying(502, {}) })],
  [
    'a version without its partners',
    'CS-GATEWAY-072',
    /without its partners/,
    (t) => port(t, { answers: saying(200, { version: sha256HexOfText('never heard of') }) }),
  ],
];

for (const [what, code, reason, place] of failures)
  test(`${what}: ${code}, and nothing of it is taken`, async (t) => {
    const refusal = await told(t, await place(t));
    assert.equal(refusal.code, code, refusal.message);
    assert.match(String(refusal.evidence['reason']), reason);
    assert.equal(refusal.evidence['asOf'], 'never');
  });

test('what fails in another way meanwhile is told as well, and the same not again', async (t) => {
  let asked = 0;
  const answers: RequestListener = (request, response) => {
    asked += 1;
    const answer = asked === 3 ? saying(200, 'hello') : saying(403, refused);
    answer(request, response);
  };
  const codes: string[] = [];
  const both = Promise.withResolvers<undefined>();
  const follower = new RegistryFollower({
    settings: {
      authority: `https://127.0.0.1:${await port(t, { answers })}`,
      trust: domain,
      credential: 'main',
      cache: 'c',
    },
    cachePath: '/nonexistent/cache',
    cached: undefined,
    credentials: new MutableSource(authority.issue('gateway')),
    bundles: new MutableSource(authority.bundles()),
    clock,
    onPartners: () => assert.fail('nothing of it is taken'),
    onTrouble: ({ code }) => {
      codes.push(code);
      if (codes.length === 2) both.resolve(undefined);
    },
  });
  follower.begin();
  await both.promise;
  await follower.close();
  assert.deepEqual([codes, asked >= 3], [['CS-GATEWAY-070', 'CS-GATEWAY-072'], true]);
});
