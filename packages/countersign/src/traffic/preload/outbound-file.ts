/** The file beside a program's certificate that says whom it may call, and what is known of revocations. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StatusMeans } from '../revocation-sources/index.ts';
import type { TrustSnapshot } from './trust-snapshot.ts';

export interface OutboundSettings {
  /** Who may be the server, whatever its address says: names or SPIFFE IDs; where empty, the name that is called decides. */
  readonly to: readonly string[];
  /** Hosts that are called as if nothing were configured: `api.example.com`, or `*.example.com` for one label. */
  readonly public: readonly string[];
  readonly trust: TrustSnapshot;
  /** Lists and responders that are asked beside what `run` tells; the same for as long as it runs. */
  readonly means?: StatusMeans;
}

export const outboundFile = 'outbound.json';

/** Replaced whole, and at once: who awaits nothing in between has it in force before the next turn of the event loop. */
export function writeOutboundFile(folder: string, settings: OutboundSettings): void {
  const path = join(folder, outboundFile);
  const beside = `${path}.new`;
  writeFileSync(beside, JSON.stringify(settings), { mode: 0o600 });
  renameSync(beside, path);
}

/** Written by `run` alone, into a folder of this user's alone; not checked beyond its form. @throws what reading it throws */
export function readOutboundFile(path: string): OutboundSettings {
  return JSON.parse(readFileSync(path, 'utf8')) as OutboundSettings;
}
