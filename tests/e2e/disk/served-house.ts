/** What an authority does to its disk when it starts, for the first time and again, and when its keys get a passphrase. */
import assert from 'node:assert/strict';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackedUpHouse, requireServes } from './backed-up-house.ts';
import type { Errand } from './errand.ts';

const upIn = (dir: string): string[] => ['up', '--dir', dir, '--listen', '127.0.0.1:0', '--json'];

async function requireNothingHalf(dir: string): Promise<void> {
  const names = await readdir(dir);
  assert.deepEqual(
    names.filter((name) => name.startsWith('.') || name.endsWith('.next')),
    [],
  );
}

/** `up` where nothing is: database, keys, certificates. */
export const startingFirst: Errand = {
  name: 'the first up',
  long: ({ name }) => /(?:issuer|root)\.(?:key\.)?pem/.test(name),
  prepare: async (folder) => {
    const dir = join(folder, 'state');
    return {
      args: upIn(dir),
      env: {},
      under: [dir],
      serves: true,
      requireSound: async () => undefined,
      requireDone: async ({ status, err }) => {
        assert.equal(status, 0, err);
        await requireNothingHalf(dir);
      },
    };
  },
};

/** `up` where an authority has served and ended. */
export function startingAgain(house: () => BackedUpHouse): Errand {
  return {
    name: 'the next up',
    prepare: async (folder) => {
      const dir = join(folder, 'state');
      await cp(house().state, dir, { recursive: true });
      return {
        args: upIn(dir),
        env: {},
        under: [dir],
        serves: true,
        requireSound: () => requireServes(dir, house()),
        requireDone: async ({ status, err }) => {
          assert.equal(status, 0, err);
          await requireNothingHalf(dir);
        },
      };
    },
  };
}

/** `authority passphrase`: all key files written anew, or none. */
export function encrypting(house: () => BackedUpHouse): Errand {
  return {
    name: 'authority passphrase',
    long: ({ name }) => /(?:issuer|root)\.pem|settings\.json/.test(name),
    prepare: async (folder) => {
      const dir = join(folder, 'state');
      await cp(house().state, dir, { recursive: true });
      const passphrase = { text: 'the new one of a test', from: 'this test' };
      const env = { COUNTERSIGN_PASSPHRASE: passphrase.text, COUNTERSIGN_NEW_PASSPHRASE: passphrase.text };
      return {
        args: ['authority', 'passphrase', '--dir', dir, '--json'],
        env,
        under: [dir],
        // With the new one or with none, and never with some keys under the one and some under the other.
        requireSound: () =>
          requireServes(dir, house(), { given: async () => undefined, opening: async () => passphrase }),
        requireDone: async ({ status, err }) => {
          assert.equal(status, 0, err);
          await requireNothingHalf(dir);
        },
      };
    },
  };
}
