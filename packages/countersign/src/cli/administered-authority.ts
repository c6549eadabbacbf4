/** The authority that an administrative call means: of the state directory, at a socket of this machine, or over HTTPS with a certificate. */
import { resolve } from 'node:path';

import { Refusal } from '../ground/errors/index.ts';
import {
  type AdministeredAuthority,
  openAuthorityAtSocket,
  openLocalAuthority,
  openRemoteAuthority,
} from '../runtime/api/index.ts';
import { loadCredential, toBundles, toCredential } from '../traffic/enrollment/index.ts';
import type { Call } from './call.ts';
import { localSocketDirectory } from './local-authority.ts';

export async function withAuthority<T>(call: Call, work: (authority: AdministeredAuthority) => Promise<T>): Promise<T> {
  const authority = await open(call);
  try {
    return await work(authority);
  } finally {
    await authority.close();
  }
}

async function open(call: Call): Promise<AdministeredAuthority> {
  const { options, world } = call;
  const { clock } = world;
  const where = options.text('authority');
  if (where !== undefined || options.given('credential'))
    options.exclude(where === undefined ? 'credential' : 'authority', 'dir', 'the one is this machine, the other not');
  if (where?.startsWith('unix:') === true) {
    options.exclude('authority', 'credential', 'on a socket the kernel says who calls');
    return openAuthorityAtSocket(resolve(world.workingDirectory, where.slice('unix:'.length)), clock);
  }
  if (where === undefined && !options.given('credential')) return openLocalAuthority(localSocketDirectory(call), clock);
  return openRemote(call, where);
}

/** The credential says which authority it is for; the address alone may be given differently. */
async function openRemote(
  { options, world, command }: Call,
  where: string | undefined,
): Promise<AdministeredAuthority> {
  const shown = options.text('credential');
  if (shown === undefined)
    throw new Refusal('CS-USAGE-004', {
      missing: '--credential DIR',
      example: `countersign ${command.name} --authority ${where ?? 'URL'} --credential DIR`,
    });
  const folder = resolve(world.workingDirectory, shown);
  const held = await loadCredential(folder);
  if (held === undefined) throw new Refusal('CS-AGENT-001', { folder: shown });
  const url = where === undefined ? held.authority : originOf(where);
  return openRemoteAuthority({ url, credential: toCredential(held), bundles: toBundles(held), clock: world.clock });
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.pathname === '/' && url.search === '' && url.username === '') return url.origin;
  throw new Refusal('CS-USAGE-003', {
    option: '--authority',
    value: text,
    expected: 'https://HOST:PORT, or unix:PATH',
  });
}
