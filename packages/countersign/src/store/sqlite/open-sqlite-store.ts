/** The issuing side's storage ports on one SQLite file. */
import type { Clock } from '../../ground/clock/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import type { AuthorityStores } from '../../issuing/server/index.ts';
import { type DatabaseThread, startDatabaseThread } from './database-thread.ts';

export interface SqliteStore extends AuthorityStores {
  close(): Promise<void>;
}

export interface SqliteStoreOptions {
  /** The database; created 0600 where it is missing. Its directory must exist. */
  readonly file: string;
  readonly clock: Clock;
  /** Called once if storage fails for good; every call is refused from then on. */
  readonly onFailure?: ((refusal: Refusal) => void) | undefined;
}

export async function openSqliteStore({ file, clock, onFailure }: SqliteStoreOptions): Promise<SqliteStore> {
  return storeOver(await startDatabaseThread({ file, nowMs: clock.now() }, onFailure ?? (() => undefined)));
}

/** The ports over a thread that has opened its database. */
export function storeOver(thread: DatabaseThread): SqliteStore {
  const { ask } = thread;
  return {
    ledgerId: thread.ledgerId,
    issuance: {
      recordIntents: (intents, events) => ask('recordIntents', intents, events),
      recordCertificates: (certificates, mostOfOneLineage) => ask('recordCertificates', certificates, mostOfOneLineage),
      latestIntentMs: () => ask('latestIntentMs'),
    },
    inventory: {
      bySerialNumber: (serialNumbers) => ask('bySerialNumber', serialNumbers),
      byOrigin: (origins) => ask('byOrigin', origins),
      byName: (name, after, limit) => ask('byName', name, after, limit),
      lastEnd: (issuerKey) => ask('lastEnd', issuerKey),
      page: (after, limit) => ask('page', after, limit),
    },
    tokens: {
      add: (tokens, events) => ask('addTokens', tokens, events),
      find: (ids) => ask('findTokens', ids),
    },
    revocations: {
      revoke: (order, event) => ask('revoke', order, event),
      previewRevocation: (order) => ask('previewRevocation', order),
      release: (order, event) => ask('release', order, event),
      feedState: (nowMs) => ask('feedState', nowMs),
      changesAfter: (number, limit) => ask('changesAfter', number, limit),
      establishBundle: (bundle, atMs) => ask('establishBundle', bundle, atMs),
    },
    revokedRows: {
      all: (issuerKey, usefulSinceMs, after, limit) => ask('revokedRows', issuerKey, usefulSinceMs, after, limit),
      since: (issuerKey, after, limit) => ask('revokedRowsSince', issuerKey, after, limit),
      released: (issuerKey, serialNumbers) => ask('releasedRows', issuerKey, serialNumbers),
    },
    endpoints: {
      record: (endpoints) => ask('recordEndpoints', endpoints),
      touch: (atMs) => ask('touchEndpoints', atMs),
      load: (sinceMs) => ask('loadEndpoints', sinceMs),
    },
    partners: {
      add: (partners, events) => ask('addPartners', partners, events),
      find: (names) => ask('findPartners', names),
      page: (after, limit) => ask('pageOfPartners', after, limit),
      settle: (changes) => ask('settlePartners', changes),
      noteTold: (told) => ask('noteToldExpiries', told),
      remove: (removals) => ask('removePartners', removals),
    },
    tokenClients: {
      all: () => ask('allTokenClients'),
      add: (client, forgetMs, event) => ask('addTokenClient', client, forgetMs, event),
      remove: (clientId, atMs, event) => ask('removeTokenClient', clientId, atMs, event),
    },
    proposals: {
      propose: (proposal, event) => ask('propose', proposal, event),
      find: (id) => ask('findProposal', id),
      list: (sinceMs) => ask('listProposals', sinceMs),
      consent: (id, contentSha256, consent, event) => ask('consentTo', id, contentSha256, consent, event),
      settle: (id, from, to, event) => ask('settleProposal', id, from, to, event),
    },
    settings: {
      accepted: () => ask('acceptedSettings'),
      accept: (settings, event) => ask('acceptSettings', settings, event),
    },
    keeper: {
      tidy: (order) => ask('tidy', order),
    },
    recovery: {
      learnCertificate: (certificate, event) => ask('learnCertificate', certificate, event),
      currentEpoch: () => ask('currentEpoch'),
      relearnRevocations: (entries, atMs, event, scopes) => ask('relearnRevocations', entries, atMs, event, scopes),
    },
    snapshots: { take: (file) => thread.snapshot(file) },
    audit: {
      append: (events, { after } = {}) => ask('appendAudit', events, after),
      head: () => ask('auditHead'),
      counted: () => ask('auditCounted'),
      read: (from, limit) => ask('readAudit', from, limit),
      issuers: (limit) => ask('readIssuers', limit),
      erasePersonal: (selector, event) => ask('eraseAuditPersonal', selector, event),
    },
    vitals: {
      measure: (nowMs) => ask('measure', nowMs),
      tryWriting: (nowMs) => ask('tryWriting', nowMs),
      noteBackup: (atMs) => ask('noteBackup', atMs),
    },
    close: () => thread.close(),
  };
}
