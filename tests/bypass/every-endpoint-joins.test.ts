/** No endpoint without the suite: what the doors export and begins like an endpoint is in the register, and nothing else is. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as tls from '../../packages/countersign/src/runtime/tls/index.ts';
import * as tokenIssuer from '../../packages/countersign/src/issuing/token-issuer/index.ts';
import * as integrations from '../../packages/countersign/src/surfaces/integrations/index.ts';
import { clients, covers, noEndpoints, serversAndGateways } from './endpoints.ts';

const traffic = join(import.meta.dirname, '../../packages/countersign/src/traffic');

/** By subpath of the package; the rooms of traffic by their folder, each that there is. */
const doors: Readonly<Record<string, object>> = {
  'countersign/tls': tls,
  'countersign/integrations': integrations,
  'issuing/token-issuer': tokenIssuer,
  ...Object.fromEntries(
    await Promise.all(
      readdirSync(traffic).map(
        async (room) => [`traffic/${room}`, (await import(join(traffic, room, 'index.ts'))) as object] as const,
      ),
    ),
  ),
};

test('every function that makes or arms an endpoint is in the register', () => {
  const found = Object.entries(doors).flatMap(([subpath, door]) =>
    Object.keys(door)
      .filter((name) => /^(?:create|connect|arm|guard|open|serve|secure|grpc|Gateway$)/.test(name))
      .map((name) => `${subpath} ${name}`),
  );
  assert.deepEqual(found.toSorted(), [...covers.keys(), ...noEndpoints.keys()].toSorted());
});

test('every name in the register is that of an endpoint that the suite attacks', () => {
  const attacked = new Set([...serversAndGateways, ...clients].map(({ name }) => name.split(',')[0] ?? name));
  assert.deepEqual([...new Set(covers.values())].toSorted(), [...attacked].toSorted());
});
