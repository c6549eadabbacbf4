/** At the start: the issuer in the key folder must be the one that was used last, or one that was taken in since; refused otherwise where a new one takes two persons. */
import type { AuditEntry, AuditJournal } from '../../../runtime/audit/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import type { AuthorityKeys } from '../../authority/index.ts';
import type { Place } from '../access/administrators.ts';
import { lastAccepted } from '../approval/last-accepted.ts';
import type { SettingsMemory } from '../approval/proposal-book.ts';
import { issuerRole } from './require-one-person.ts';

export interface IssuerQuestion {
  readonly dir: string;
  readonly place: Place;
  readonly keys: Pick<AuthorityKeys, 'issuer'>;
  readonly settings: Pick<SettingsMemory, 'accepted'>;
  readonly audit: Pick<AuditJournal, 'issuers'>;
}

/** More than anybody replaces between two starts; own limit. */
const mostReplaced = 100;

/**
 * What was exchanged by hand was agreed to by nobody. A log that knows no issuer has lost its beginning, which its witnesses see; it is no reason to
 * keep an authority from serving.
 * @throws CS-APPROVAL-007
 */
export async function requireKnownIssuer({ dir, place, keys, settings, audit }: IssuerQuestion): Promise<void> {
  const { administrators } = await lastAccepted(settings, place);
  if (administrators.personsFor(issuerRole) < 2) return;
  const known = sinceLastStart(await audit.issuers(mostReplaced));
  if (known.length === 0) return;
  const { certificate, issuerKey } = keys.issuer;
  const issuer = sha256Hex(certificate.raw);
  if (known.some((entry) => tellsOf(entry, issuer, issuerKey))) return;
  throw new Refusal('CS-APPROVAL-007', { dir, issuer, known: known.map(named) });
}

/** The latest first. Each that was taken in counts, and the one of the start too: what the log tells before it is done may not have been done. */
function sinceLastStart(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  const start = entries.findIndex(({ action }) => action === 'authority.start');
  return start === -1 ? entries : entries.slice(0, start + 1);
}

/** Starts of earlier versions tell the key alone. */
function tellsOf({ facts }: AuditEntry, issuer: string, issuerKey: string): boolean {
  return facts['issuer'] === undefined ? facts['issuerKey'] === issuerKey : facts['issuer'] === issuer;
}

function named({ facts }: AuditEntry): string {
  return String(facts['issuer'] ?? `a certificate for the key ${String(facts['issuerKey'])}`);
}
