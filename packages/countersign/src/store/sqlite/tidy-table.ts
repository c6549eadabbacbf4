/** Removes what is of no use any more, a little at a time, and gives the room back to the file system. */
import type { DatabaseSync } from 'node:sqlite';

import type { TidyOrder, TidyOutcome } from '../../issuing/server/index.ts';
import { ofLine } from './of-line.ts';
import { number, type Row, text } from './row.ts';

export interface TidyTable {
  tidy(order: TidyOrder): TidyOutcome;
}

/** Free pages that stay for what comes next, as a part of all and at least: giving each back would only take it again. Own choices. */
const keptFreePart = 0.1;
const leastFreePages = 256;

/** A day more than a token may live. */
const longestTokenLifeMs = 31 * 24 * 3_600_000;

export function tidyTable(database: DatabaseSync): TidyTable {
  const certificates = certificateTidying(database);
  const tokens = database.prepare(
    'DELETE FROM token WHERE id IN (SELECT id FROM token WHERE expires_at < ? ORDER BY expires_at LIMIT ?)',
  );
  const intents = database.prepare(
    'DELETE FROM intent WHERE serial IN (SELECT serial FROM intent WHERE recorded_at < ? LIMIT ?)',
  );
  // A line that was revoked stays revoked for as long as any certificate of it is on record, since only those can be renewed.
  const revocations = database.prepare(`
    DELETE FROM revocation WHERE (issuer, serial) IN (
      SELECT r.issuer, r.serial FROM revocation r
      WHERE r.not_after < ? AND NOT EXISTS (SELECT 1 FROM certificate c WHERE ${ofLine('c', 'r.lineage')}) LIMIT ?)`);
  // It refuses older tokens as well, which live for 30 days at most.
  const identities = database.prepare(`
    DELETE FROM revoked_identity WHERE identity IN (
      SELECT identity FROM revoked_identity WHERE expires_at < ? AND revoked_at < ? LIMIT ?)`);
  const issuers = database.prepare(
    'DELETE FROM revoked_issuer WHERE issuer IN (SELECT issuer FROM revoked_issuer WHERE expires_at < ? LIMIT ?)',
  );
  const released = database.prepare(`
    DELETE FROM released WHERE (issuer, serial) IN (SELECT issuer, serial FROM released WHERE not_after < ? LIMIT ?)`);
  const changes = database.prepare(`
    DELETE FROM feed_change WHERE number IN (
      SELECT number FROM feed_change
      WHERE number <= (SELECT number FROM feed_change ORDER BY number DESC LIMIT 1 OFFSET ?) ORDER BY number LIMIT ?)`);
  const endpoints = database.prepare(`
    DELETE FROM endpoint WHERE (spiffe_id, endpoint) IN (
      SELECT spiffe_id, endpoint FROM endpoint WHERE subscribed = 0 AND seen_at < ? LIMIT ?)`);

  return {
    tidy: ({ nowMs, keep, most, cursor }) => {
      // Tokens before certificates: a certificate stays for as long as its token could ask for it again.
      const counts = {
        tokens: Number(tokens.run(nowMs - keep.tokensMs, most).changes),
        intents: Number(intents.run(nowMs - keep.intentsMs, most).changes),
        changes: Number(changes.run(keep.feedChanges, most).changes),
        endpoints: Number(endpoints.run(nowMs - keep.endpointsMs, most).changes),
      };
      const walked = certificates(nowMs - keep.certificatesMs, cursor, most);
      const revokedBefore = nowMs - keep.revocationsMs;
      const revoked =
        Number(revocations.run(revokedBefore, most).changes) +
        Number(identities.run(revokedBefore, nowMs - longestTokenLifeMs, most).changes) +
        Number(issuers.run(revokedBefore, most).changes) +
        Number(released.run(revokedBefore, most).changes);
      const pages = giveBack(database, most);
      const removed = { ...counts, certificates: walked.removed, revocations: revoked };
      const full = Object.values(removed).some((count) => count >= most) || pages >= most;
      const next = walked.cursor ?? (full ? '' : undefined);
      return { removed, pages, ...(next === undefined ? {} : { next }) };
    },
  };
}

interface Walk {
  readonly removed: number;
  readonly cursor: string | undefined;
}

/** Walks along the expired ones from the cursor, so that those that must stay are not looked at again and again. */
function certificateTidying(
  database: DatabaseSync,
): (beforeMs: number, cursor: string | undefined, most: number) => Walk {
  const expired = database.prepare(`
    SELECT c.sequence, c.not_after, c.names,
      -- One token, one certificate: who comes again with the token gets this one.
      (c.origin GLOB 'token:*' AND EXISTS (SELECT 1 FROM token t WHERE t.id = substr(c.origin, 7)))
      -- It ties two lines of renewals together by a key, and nothing newer does: who revokes the one must find the other.
      OR (EXISTS (SELECT 1 FROM certificate l WHERE ${ofLine('l', 'c.lineage')} AND l.not_after >= :before)
        AND EXISTS (SELECT 1 FROM certificate k WHERE k.public_key = c.public_key AND k.lineage <> c.lineage)
        AND NOT EXISTS (SELECT 1 FROM certificate n
          WHERE n.lineage = c.lineage AND n.public_key = c.public_key AND n.sequence > c.sequence))
      AS needed
    FROM certificate c
    WHERE c.not_after >= :time AND c.not_after < :before AND (c.not_after > :time OR c.sequence > :sequence)
    ORDER BY c.not_after, c.sequence LIMIT :most`);
  const remove = database.prepare('DELETE FROM certificate WHERE sequence = ?');
  const removeName = database.prepare('DELETE FROM certificate_name WHERE name = ? AND sequence = ?');

  const removeOne = (row: Row): void => {
    const sequence = number(row, 'sequence');
    for (const name of new Set(JSON.parse(text(row, 'names')) as string[])) removeName.run(name, sequence);
    remove.run(sequence);
  };
  return (beforeMs, cursor, most) => {
    const [time = '0', sequence = '0'] = (cursor ?? '').split(' ');
    const rows = expired.all({ before: beforeMs, time: Number(time), sequence: Number(sequence), most });
    const gone = rows.filter((row) => row['needed'] === 0);
    for (const row of gone) removeOne(row);
    const last = rows.length < most ? undefined : rows.at(-1);
    return {
      removed: gone.length,
      cursor:
        last === undefined ? undefined : `${String(number(last, 'not_after'))} ${String(number(last, 'sequence'))}`,
    };
  };
}

/** The number of pages that went back; the file shrinks at the next checkpoint. */
function giveBack(database: DatabaseSync, most: number): number {
  const count = (pragma: string): number => Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
  const surplus = count('freelist_count') - Math.max(leastFreePages, count('page_count') * keptFreePart);
  const pages = Math.min(most, Math.floor(surplus));
  if (pages <= 0) return 0;
  database.exec(`PRAGMA incremental_vacuum(${String(pages)})`);
  return pages;
}
