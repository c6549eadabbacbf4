/** The authority of a state directory, composed: the server with SQLite beneath it. */
import type { Clock } from '../../ground/clock/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import {
  startAuthorityServer,
  type AuthorityServer,
  type AuthorityServerOptions,
  type AuthoritySettings,
  type KeyPassphrases,
  type ServerLog,
} from '../../issuing/server/index.ts';
import { ensurePrivateDirectory } from '../../runtime/config/index.ts';
import type { Tracing } from '../../runtime/telemetry/index.ts';
import type { Source } from '../../runtime/tls/index.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import type { HostAndPort } from '../option-values.ts';
import { databaseFile } from './database-file.ts';
import { version } from '../version.ts';

export interface OpenAuthority extends AuthorityServer {
  /** Whether this is the first run in the state directory. */
  readonly created: boolean;
  /** Resolves, if ever, when storage has failed for good, so that nothing can be issued any more. */
  readonly failed: Promise<Refusal>;
}

export interface AuthorityPlace {
  readonly dir: string;
  /** Default `dir`. */
  readonly socketDir?: string | undefined;
  readonly listen: HostAndPort | undefined;
  readonly trustDomain: string | undefined;
  readonly passphrases?: KeyPassphrases | undefined;
  /** Default the server's. */
  readonly leaseMs?: number | undefined;
  readonly clock: Clock;
  readonly settings?: Source<AuthoritySettings> | undefined;
  readonly log: ServerLog;
  readonly tracing?: Tracing | undefined;
  readonly sockets?: AuthorityServerOptions['sockets'];
}

export async function openAuthority({ dir, ...options }: AuthorityPlace): Promise<OpenAuthority> {
  await ensurePrivateDirectory(dir);
  const { file, created } = await databaseFile(dir);
  const failure = Promise.withResolvers<Refusal>();
  // First of all, since its lock is what keeps a second process out of the directory.
  const store = await openSqliteStore({ file, clock: options.clock, onFailure: failure.resolve });
  try {
    const server = await startAuthorityServer({ dir, stores: store, version: version(), ...options });
    const close = async (): Promise<void> => {
      await server.close();
      await store.close();
    };
    return { ...server, created, failed: failure.promise, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}
