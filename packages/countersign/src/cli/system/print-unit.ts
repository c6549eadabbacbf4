/** `up --print-unit`: a unit for this machine, to be put where its first line says. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { defaultListen } from '../../issuing/server/index.ts';
import type { HostAndPort } from '../option-values.ts';
import { serviceUnit, socketUnit, type UnitFacts } from './unit.ts';

export function printedUnit(which: string, listen: HostAndPort = defaultListen): string {
  const facts: UnitFacts = {
    // The same distance from src/cli/system and from dist/cli/system.
    command: fileURLToPath(new URL('../../../bin/countersign', import.meta.url)),
    systemdVersion: systemdVersion(),
    listen: `${listen.host.includes(':') && !listen.host.startsWith('[') ? `[${listen.host}]` : listen.host}:${String(listen.port)}`,
  };
  return which === 'socket' ? socketUnit(facts) : serviceUnit(facts);
}

/** "systemd 252 (252.38-1~deb12u1)"; where it is not here, the unit is for another machine: a form that every version knows. */
function systemdVersion(): number {
  const { stdout } = spawnSync('systemctl', ['--version'], { encoding: 'utf8' });
  return Number(/^systemd (\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}
