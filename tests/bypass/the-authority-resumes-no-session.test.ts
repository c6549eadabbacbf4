/**
 * Class A, the authority's own listener. A client comes back with the session of an earlier connection: after it was revoked, after the authority started again,
 * with another certificate and with none. Who it is at each request is what it shows then.
 * Stands for: nginx CVE-2025-23419; Go CVE-2025-68121; Traefik GHSA-gv8r-9rw9-9697.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { presented, type ServerHouse, startHouse } from '../authority/server-house.ts';
import type { Presented, TlsVersion } from './presented.ts';
import { visit, type Visited } from './sessions.ts';

interface Back {
  readonly reused: boolean;
  /** As whom it was answered, or with which code. */
  readonly as: string;
}

function shown(held: HeldCredential): Presented {
  const { chain, key } = presented(held);
  return { cert: chain, key: key.toPem() };
}

function comeTo(
  { server }: ServerHouse,
  client: Presented | undefined,
  session?: Buffer,
  version: TlsVersion = 'TLSv1.3',
): Promise<Visited> {
  const where = { port: server.port, protocol: 'http/1.1', servername: 'localhost', path: '/v1/whoami' } as const;
  return visit({ ...where, version, client, session });
}

function seen({ reused, answer }: Visited): Back {
  const as = /"spiffeId":\s*"([^"]+)"/.exec(answer)?.[1] ?? /CS-[A-Z]+-\d+/.exec(answer)?.[0];
  return { reused, as: as ?? answer };
}

test('who comes back is who it shows to be, or refused', async (t) => {
  const house = await startHouse(t);
  const [web, mallory] = [shown(await house.service('web')), shown(await house.service('mallory'))];
  const first = await comeTo(house, web);
  assert.deepEqual(seen(first), { reused: false, as: 'spiffe://dev.internal/web' });
  assert.ok(first.sessions.length > 0, 'there is something to come back with');
  const back = async (at: ServerHouse): Promise<Back[]> => {
    const all: Back[] = [];
    for (const client of [web, mallory, undefined]) all.push(seen(await comeTo(at, client, first.sessions.at(-1))));
    return all;
  };
  const fresh = (...as: readonly string[]): Back[] => as.map((one) => ({ reused: false, as: one }));
  const [isWeb, isMallory, isNobody] = ['spiffe://dev.internal/web', 'spiffe://dev.internal/mallory', 'CS-ACCESS-001'];
  assert.deepEqual(await back(house), fresh(isWeb, isMallory, isNobody));

  // The version whose sessions have identifiers is not spoken.
  const older = await comeTo(house, web, undefined, 'TLSv1.2');
  assert.match(older.answer, /alert protocol version/);
  assert.deepEqual(older.sessions, []);

  await house.local.revoke({ name: 'web' });
  assert.deepEqual(await back(house), fresh('CS-PEER-008', isMallory, isNobody));

  const { port } = house.server;
  await house.stop();
  const again = await startHouse(t, { dir: house.dir, listen: { host: '127.0.0.1', port } });
  assert.deepEqual(await back(again), fresh('CS-PEER-008', isMallory, isNobody));
});
