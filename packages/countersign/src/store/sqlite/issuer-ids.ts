/** The issuers' keys by the small numbers that stand for them in every row. */
import type { DatabaseSync } from 'node:sqlite';

import { number, octets } from './row.ts';

export interface IssuerIds {
  /** The number of a key, given to it now where it has none. */
  idOf(issuerKey: string): number;
  /** `undefined` for a key that no row has. */
  find(issuerKey: string): number | undefined;
}

export function issuerIds(database: DatabaseSync): IssuerIds {
  const select = database.prepare('SELECT id FROM issuer WHERE key = ?');
  const insert = database.prepare('INSERT INTO issuer (key) VALUES (?) RETURNING id');
  const find = (issuerKey: string): number | undefined => {
    const row = select.get(octets(issuerKey));
    return row === undefined ? undefined : number(row, 'id');
  };
  return {
    find,
    idOf: (issuerKey) => find(issuerKey) ?? number(insert.get(octets(issuerKey)) ?? {}, 'id'),
  };
}
