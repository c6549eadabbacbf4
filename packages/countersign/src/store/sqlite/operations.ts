/** Everything that the worker can be asked, on one database. */
import type { DatabaseSync } from 'node:sqlite';

import { type AuditTable, auditTable } from './audit-table.ts';
import { type EndpointTable, endpointTable } from './endpoint-table.ts';
import { type EpochTable, epochTable } from './epoch-table.ts';
import { erasePerson } from './erase-person.ts';
import { type InventoryTable, inventoryTable } from './inventory-table.ts';
import { type IssuanceTable, issuanceTable } from './issuance-table.ts';
import { type PartnerTable, partnerTable } from './partner-table.ts';
import { type ProposalTable, proposalTable } from './proposal-table.ts';
import { type RevokedRowsTable, revokedRowsTable } from './revoked-rows-table.ts';
import { type RevocationTable, revocationTable } from './revocation-table.ts';
import { type TidyTable, tidyTable } from './tidy-table.ts';
import { type TokenClientTable, tokenClientTable } from './token-client-table.ts';
import { type TokenTable, tokenTable } from './token-table.ts';
import { type VitalsTable, vitalsTable } from './vitals-table.ts';

export interface Operations
  extends
    IssuanceTable,
    InventoryTable,
    Omit<TokenTable, 'useToken'>,
    RevocationTable,
    RevokedRowsTable,
    EndpointTable,
    PartnerTable,
    TokenClientTable,
    ProposalTable,
    TidyTable,
    AuditTable,
    VitalsTable,
    Omit<EpochTable, 'startEpoch'> {
  /** Which database this is: made at random with it, so that one put in its place is noticed. */
  ledgerId(): string;
}

export function operations(database: DatabaseSync): Operations {
  const audit = auditTable(database);
  const epochs = epochTable(database);
  const { useToken, ...tokens } = tokenTable(database, audit);
  return {
    ...audit,
    ...erasePerson(database, audit),
    ...issuanceTable(database, audit, { useToken }),
    ...inventoryTable(database),
    ...tokens,
    ...revocationTable(database, audit),
    ...revokedRowsTable(database),
    ...endpointTable(database),
    ...partnerTable(database, audit),
    ...tokenClientTable(database, audit),
    ...proposalTable(database, audit),
    ...tidyTable(database),
    currentEpoch: () => epochs.currentEpoch(),
    ...vitalsTable(database),
    ledgerId: () => {
      database.exec('INSERT OR IGNORE INTO ledger VALUES (1, lower(hex(randomblob(16))))');
      return String(database.prepare('SELECT id FROM ledger').get()?.['id']);
    },
  };
}

/** Those that change nothing: they wait for no commit, and are answered while nothing can be written. */
export const reading: ReadonlySet<keyof Operations> = new Set<keyof Operations>([
  'latestIntentMs',
  'bySerialNumber',
  'byOrigin',
  'byName',
  'lastEnd',
  'page',
  'findTokens',
  'findPartners',
  'pageOfPartners',
  'allTokenClients',
  'feedState',
  'previewRevocation',
  'changesAfter',
  'revokedRows',
  'revokedRowsSince',
  'releasedRows',
  'auditHead',
  'auditCounted',
  'readAudit',
  'readIssuers',
  'currentEpoch',
  'measure',
]);
