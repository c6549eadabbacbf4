/** Where a service of the system keeps what: by systemd's word, else the places of the file system's standard (FHS 3.0). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Refusal } from '../../ground/errors/index.ts';
import { settingsFileName } from '../../issuing/server/index.ts';
import { localSocketName } from '../../runtime/api/index.ts';
import type { Environment } from './environment.ts';

export const systemStateDirectory = '/var/lib/countersign';
export const systemRuntimeDirectory = '/run/countersign';
const systemConfigurationDirectory = '/etc/countersign';

export interface SystemPlace {
  readonly dir: string;
  readonly socketDir: string;
  /** The file of settings, where one exists. */
  readonly settings: string;
}

/** Throws CS-SYSTEM-001 for a user who may not have these places, and was not given others by systemd. */
export function systemPlace(environment: Environment, uid: number | undefined): SystemPlace {
  const dir = first(environment['STATE_DIRECTORY']);
  if (dir === undefined && uid !== 0)
    throw new Refusal('CS-SYSTEM-001', { uid: uid ?? 'not known', place: systemStateDirectory });
  return {
    dir: dir ?? systemStateDirectory,
    socketDir: first(environment['RUNTIME_DIRECTORY']) ?? systemRuntimeDirectory,
    settings: join(first(environment['CONFIGURATION_DIRECTORY']) ?? systemConfigurationDirectory, settingsFileName),
  };
}

/** Whether a service of the system serves on this machine, as its socket shows it. */
export function systemServes(exists: (path: string) => boolean = existsSync): boolean {
  return exists(join(systemRuntimeDirectory, localSocketName));
}

/** Several are separated by colons (systemd.exec(5), RuntimeDirectory=). */
function first(value: string | undefined): string | undefined {
  const place = (value ?? '').split(':')[0];
  return place === undefined || !place.startsWith('/') ? undefined : place;
}
