import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock as clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { authorityId, type FollowedPartner, type FollowPartnersRequest } from '../../../runtime/api/index.ts';
import { sha256HexOfText } from '../../../runtime/cryptography/index.ts';
import { createServer, fixedSource, MutableSource, Trust } from '../../../runtime/tls/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { RegistryFollower } from './registry-follower.ts';

const version = sha256HexOfText('the only one');
const acme: FollowedPartner = { name: 'acme', state: 'suspended', routes: '*', limits: {} };

test('partners that could not be put into force are not said to be, and are asked for again', async (t) => {
  const authority = new TestAuthority();
  const domain = authority.trustDomain;
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  t.after(() => rm(folder, { recursive: true }));
  const asked: (string | undefined)[] = [];
  const own = {
    trust: new Trust({
      bundles: fixedSource(authority.bundles()),
      revocations: fixedSource(withoutRevocation),
      clock,
    }),
    credentials: fixedSource(authority.issue(new URL(authorityId(domain)).pathname.slice(1))),
    clock,
    onRefusal: () => undefined,
    onClosed: () => undefined,
  };
  const inForce = Promise.withResolvers<undefined>();
  const server = createServer(allowAnyPeer(), own, (request, response) => {
    void request.toArray().then((pieces: Buffer[]) => {
      const { have } = JSON.parse(Buffer.concat(pieces).toString()) as FollowPartnersRequest;
      asked.push(have);
      if (have === version) inForce.resolve(undefined);
      const answer = have === version ? { version } : { version, partners: [acme] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const troubles: Refusal[] = [];
  const states: string[] = [];
  let tries = 0;
  const follower: RegistryFollower = new RegistryFollower({
    settings: { authority: `https://127.0.0.1:${port}`, trust: domain, credential: 'main', cache: 'cache' },
    cachePath: join(folder, 'cache'),
    cached: undefined,
    credentials: new MutableSource(authority.issue('gateway')),
    bundles: new MutableSource(authority.bundles()),
    clock,
    onPartners: (partners) => {
      assert.deepEqual(partners, [acme]);
      tries += 1;
      if (tries === 1) throw new Error('a worker does not answer');
      return { connections: 0, requests: 0 };
    },
    onTrouble: (refusal) => {
      troubles.push(refusal);
      states.push(follower.state);
    },
  });
  follower.begin();
  await inForce.promise;
  assert.deepEqual([tries, asked.slice(0, 3), states], [2, [undefined, undefined, version], ['never-heard']]);
  assert.deepEqual(
    troubles.map(({ code, evidence }) => [code, evidence['reason']]),
    [['CS-GATEWAY-073', 'a worker does not answer']],
  );
  assert.deepEqual([follower.state, follower.partners], ['following', [acme]]);
  await follower.close();
});
