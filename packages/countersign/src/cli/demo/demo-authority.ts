/** The demonstration's authority: the real one, on a free port, in a folder that goes with it; asked over its local socket. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../ground/clock/index.ts';
import { startAuthorityServer, type AuthorityServer } from '../../issuing/server/index.ts';
import { type LocalAuthority, openLocalAuthority, type RevokeResponse } from '../../runtime/api/index.ts';
import { openSqliteStore, type SqliteStore } from '../../store/sqlite/index.ts';

const trustDomain = 'demo.internal';
const tokenLifeSeconds = 60;

export class DemoAuthority {
  readonly facts: { readonly trustDomain: string; readonly root: string; readonly url: string };
  readonly #server: AuthorityServer;
  readonly #store: SqliteStore;
  readonly #local: LocalAuthority;

  private constructor(server: AuthorityServer, store: SqliteStore, local: LocalAuthority) {
    this.#server = server;
    this.#store = store;
    this.#local = local;
    this.facts = { trustDomain, root: server.rootSha256, url: server.url };
  }

  static async start(dir: string, clock: Clock): Promise<DemoAuthority> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const store = await openSqliteStore({ file: join(dir, 'authority.db'), clock });
    try {
      const listen = { host: '127.0.0.1', port: 0 };
      const server = await startAuthorityServer({ dir, stores: store, listen, trustDomain, clock });
      return new DemoAuthority(server, store, openLocalAuthority(dir, clock));
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  idOf(name: string): string {
    return `spiffe://${trustDomain}/${name}`;
  }

  async token(name: string, certificateLifeSeconds: number): Promise<string> {
    const request = { names: [name], lifeSeconds: tokenLifeSeconds, certificateLifeSeconds };
    return (await this.#local.createToken(request)).token;
  }

  revoke(serial: string): Promise<RevokeResponse> {
    return this.#local.revoke({ serial });
  }

  async close(): Promise<void> {
    await this.#local.close();
    await this.#server.close();
    await this.#store.close();
  }
}
