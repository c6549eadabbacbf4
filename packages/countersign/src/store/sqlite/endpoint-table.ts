/** The endpoints that follow the feed. */
import type { DatabaseSync } from 'node:sqlite';

import type { EndpointRecord } from '../../issuing/server/index.ts';
import { number, text } from './row.ts';

export interface EndpointTable {
  recordEndpoints(endpoints: readonly EndpointRecord[]): void;
  touchEndpoints(atMs: number): void;
  loadEndpoints(sinceMs: number): EndpointRecord[];
}

export function endpointTable(database: DatabaseSync): EndpointTable {
  const upsert = database.prepare('INSERT OR REPLACE INTO endpoint VALUES (?, ?, ?, ?, ?, ?, ?)');
  const touch = database.prepare('UPDATE endpoint_touch SET at = max(at, ?)');
  const settle = database.prepare(
    'UPDATE endpoint SET seen_at = max(seen_at, (SELECT at FROM endpoint_touch)), subscribed = 0 WHERE subscribed = 1',
  );
  const forget = database.prepare('DELETE FROM endpoint WHERE seen_at < ?');
  const all = database.prepare('SELECT * FROM endpoint ORDER BY spiffe_id, endpoint');

  return {
    recordEndpoints: (endpoints) => {
      for (const e of endpoints)
        upsert.run(
          e.spiffeId,
          e.endpoint,
          e.serialNumber,
          e.acknowledged,
          e.seenAtMs,
          e.subscribed ? 1 : 0,
          e.afterLease ?? 'refuse',
        );
    },
    touchEndpoints: (atMs) => {
      touch.run(atMs);
    },
    loadEndpoints: (sinceMs) => {
      // Asked at the start only: whoever was subscribed when the process ended was last heard of at the last touch.
      settle.run();
      forget.run(sinceMs);
      return all.all().map((row) => ({
        spiffeId: text(row, 'spiffe_id'),
        endpoint: text(row, 'endpoint'),
        serialNumber: text(row, 'serial'),
        acknowledged: number(row, 'acknowledged'),
        seenAtMs: number(row, 'seen_at'),
        subscribed: false,
        ...(row['after_lease'] === 'continue' ? { afterLease: 'continue' as const } : {}),
      }));
    },
  };
}
