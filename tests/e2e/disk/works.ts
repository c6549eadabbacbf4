/** What a running authority is asked for while its disk fails, in such a way that it can be asked again. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { AdministeredAuthority } from '../../../packages/countersign/src/runtime/api/index.ts';
import { enroll, renew } from '../../../packages/countersign/src/traffic/enrollment/index.ts';
import { type Client, recruit } from '../killed/clients.ts';

export interface Work {
  readonly name: string;
  /** With no fault yet; answers what is asked for, once and again. */
  prepare(local: AdministeredAuthority, name: string): Promise<() => Promise<unknown>>;
}

async function enrolled(client: Client): Promise<void> {
  const held = await enroll({ token: client.token, privateKey: client.key });
  // Whether it was acknowledged or not: the same token with the same key gets the same certificate.
  if (client.held !== undefined) assert.deepEqual(Buffer.from(held.leaf.raw), Buffer.from(client.held.leaf.raw));
  client.held = held;
}

/** @param acknowledged is told of each certificate that a client was given */
export function worksIn(dir: string, acknowledged: (client: Client) => void): readonly Work[] {
  return [
    {
      name: 'making a token',
      prepare: async (local, name) => () => recruit(local, name),
    },
    {
      name: 'issuing',
      prepare: async (local, name) => {
        const client = await recruit(local, name);
        return async () => {
          await enrolled(client);
          acknowledged(client);
        };
      },
    },
    {
      name: 'renewing',
      prepare: async (local, name) => {
        const client = await recruit(local, name);
        await enrolled(client);
        acknowledged(client);
        return async () => {
          const { held } = client;
          assert.ok(held);
          client.held = await renew({ held });
          acknowledged(client);
        };
      },
    },
    {
      name: 'revoking',
      prepare: async (local, name) => {
        const client = await recruit(local, name);
        await enrolled(client);
        acknowledged(client);
        return async () => {
          await local.revoke({ name });
          client.revocation = 'acknowledged';
        };
      },
    },
    {
      name: 'copying for a backup',
      prepare: async (local) => async () => {
        const { file } = await local.takeSnapshot();
        const copies = (await readdir(dir)).filter((name) => name.startsWith('.snapshot'));
        assert.deepEqual(copies, [file], 'no half of a copy is left');
      },
    },
  ];
}
