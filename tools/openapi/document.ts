/** The description of the API, from the routes of a real authority in a folder that is gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { describeRoutes, startAuthorityServer } from '../../packages/countersign/src/issuing/server/index.ts';
import { openSqliteStore } from '../../packages/countersign/src/store/sqlite/index.ts';

export async function openApiDocument(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-openapi-'));
  const stores = await openSqliteStore({ file: join(dir, 'authority.db'), clock: systemClock });
  try {
    const server = await startAuthorityServer({
      dir,
      stores,
      clock: systemClock,
      listen: { host: '127.0.0.1', port: 0 },
    });
    await server.close();
    return `${JSON.stringify(describeRoutes(server.routes), undefined, 2)}\n`;
  } finally {
    await stores.close();
    await rm(dir, { recursive: true, force: true });
  }
}
