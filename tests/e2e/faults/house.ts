/** Where faults are brought about: an authority that runs, copies of one that was stopped, and the command. */
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeToken, encodeToken, openLocalAuthority } from '../../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll } from '../../../packages/countersign/src/traffic/enrollment/index.ts';
import type { Ended, Folder, RunningAuthority } from '../command.ts';
import { countersign } from '../here.ts';
import { everything } from '../killed/promises.ts';
import { openMortalAuthority } from '../killed/mortal-authority.ts';
import type { Met } from './met.ts';

/** What an authority had promised when it was stopped. */
export interface Stopped {
  readonly dir: string;
  readonly serial: string;
  /** Made and not used. */
  readonly token: string;
}

export class House {
  readonly folder: Folder;
  readonly authority: RunningAuthority;
  readonly #stopped: Stopped;
  #copies = 0;

  constructor(folder: Folder, authority: RunningAuthority, stopped: Stopped) {
    this.folder = folder;
    this.authority = authority;
    this.#stopped = stopped;
  }

  /** A copy of the state directory of an authority that has issued and ended. */
  async stopped(): Promise<Stopped> {
    const dir = this.folder.in(`copy-${String(this.#copies++)}`);
    await cp(this.#stopped.dir, dir, { recursive: true, preserveTimestamps: true });
    return { ...this.#stopped, dir };
  }

  async token(...names: string[]): Promise<string> {
    const { result } = await countersign(['token', ...names, '--dir', this.authority.dir, '--json']);
    return String(result['token']);
  }

  /** A name for a folder or a service that nobody else has. */
  fresh(): string {
    return `fresh-${String(this.#copies++)}`;
  }
}

export async function up(dir: string, ...more: string[]): Promise<Met> {
  const listen = more.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  return met(await countersign(['up', '--dir', dir, ...listen, '--json', ...more]));
}

export function met({ result, out, err, status }: Ended): Met {
  const code = result['code'];
  return { code: typeof code === 'string' ? code : undefined, text: `${err}\n${out}`, status };
}

/** An authority that issued one certificate and made one token, and ended. */
export async function makeStopped(dir: string): Promise<Stopped> {
  const server = await openMortalAuthority({ dir, port: 0 });
  const local = openLocalAuthority(dir);
  try {
    const [used, spare] = await Promise.all(
      ['before', 'later'].map((name) => local.createToken({ names: [name], lifeSeconds: 3600 })),
    );
    assert.ok(used !== undefined && spare !== undefined);
    return { dir, serial: await enrolled(used.token), token: spare.token };
  } finally {
    await local.close();
    await server.close();
  }
}

async function enrolled(token: string): Promise<string> {
  return (await enroll({ token, privateKey: generatePrivateKey('P-256') })).leaf.serialNumber;
}

/** It serves, what it issued is on record, and a token of before is good. */
export async function requireGoesOn({ dir, serial, token }: Stopped): Promise<void> {
  const server = await openMortalAuthority({ dir, port: 0 });
  const local = openLocalAuthority(dir);
  try {
    const listed = await everything(local);
    assert.ok(listed.some((certificate) => certificate.serial === serial && certificate.status === 'valid'));
    // Its address is another than that of the authority that made the token.
    await enrolled(encodeToken({ ...decodeToken(token), authority: server.url }));
  } finally {
    await local.close();
    await server.close();
  }
  await rm(dir, { recursive: true });
}

export function inAuthority(dir: string, name: string): string {
  return join(dir, 'authority', name);
}
