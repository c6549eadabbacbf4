/** The authority as `up` composes it, with the steps at which a test may end it. */
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../packages/countersign/src/ground/clock/index.ts';
import {
  type AuthorityServer,
  type AuthorityServerOptions,
  type AuthoritySettings,
  type KeyPassphrases,
  startAuthorityServer,
} from '../../../packages/countersign/src/issuing/server/index.ts';
import { ensurePrivateDirectory } from '../../../packages/countersign/src/runtime/config/index.ts';
import { fixedSource } from '../../../packages/countersign/src/runtime/tls/index.ts';
import { openSqliteStore } from '../../../packages/countersign/src/store/sqlite/index.ts';

export interface MortalAuthority {
  readonly dir: string;
  readonly port: number;
  readonly onStep?: AuthorityServerOptions['onStep'];
  readonly passphrases?: KeyPassphrases;
  /** Default the machine's. */
  readonly clock?: Clock;
  /** Default none. */
  readonly settings?: AuthoritySettings;
  /** Who is away when the authority comes back is not waited for long. */
  readonly enforcementWaitMs?: number;
}

/** Closing it closes its database, too. */
export async function openMortalAuthority(place: MortalAuthority): Promise<AuthorityServer> {
  const { dir, port, onStep, passphrases, clock = systemClock, settings, enforcementWaitMs = 200 } = place;
  await ensurePrivateDirectory(dir);
  const stores = await openSqliteStore({ file: join(dir, 'authority.db'), clock });
  try {
    const server = await startAuthorityServer({
      dir,
      stores,
      clock,
      listen: { host: '127.0.0.1', port },
      enforcementWaitMs,
      onStep,
      passphrases,
      settings: settings === undefined ? undefined : fixedSource(settings),
    });
    return { ...server, close: () => server.close().then(() => stores.close()) };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
