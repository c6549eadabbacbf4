/** Who would not get the next certificate under other profiles, or those in force: every certificate on record that can still be renewed is judged. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { LostRenewal, ProfileRenewalsRequest, ProfileRenewalsResponse } from '../../runtime/api/index.ts';
import { type CertificateRecord, ownProfiles, type ProfileSet } from '../authority/index.ts';
import { refusalAtRenewal } from '../enrollment-server/index.ts';
import type { ServerParts } from './server-parts.ts';
import { profilesSection, toProfileSet } from './settings/profiles-section.ts';

/** Records judged in one turn: some milliseconds, between which others are served. */
const pageSize = 100;
/** As many as the answer holds; the others are counted. */
const mostShown = 1000;

export async function lostRenewals(
  { inventory, profiles, clock, authority }: ServerParts,
  request: ProfileRenewalsRequest,
): Promise<ProfileRenewalsResponse> {
  const inForce = profiles.current();
  const next = request.profiles === undefined ? inForce : sectionOf(request.profiles);
  const question = { profiles: next, trustDomain: authority.trustDomain, nowMs: clock.now() };
  const lost = new Map<string, LostRenewal>();
  let checked = 0;
  for await (const record of allRecords(inventory)) {
    if (!isRenewable(record, inForce, question.nowMs)) continue;
    checked += 1;
    const refusal = refusalAtRenewal(record, question);
    // The newest of a line speaks for it.
    if (refusal === undefined) lost.delete(record.lineage);
    else lost.set(record.lineage, described(record, refusal));
  }
  return { checked, refused: lost.size, certificates: [...lost.values()].slice(0, mostShown) };
}

function sectionOf(section: Readonly<Record<string, unknown>>): ProfileSet {
  const parsed = profilesSection.safeParse(section);
  if (parsed.success) return toProfileSet(parsed.data);
  const issue = parsed.error.issues[0];
  const place = ['profiles', ...(issue?.path ?? [])].map(String).join('.');
  throw new Refusal('CS-ACCESS-006', { rule: `${place}: ${issue?.message ?? 'not as described'}` });
}

async function* allRecords(inventory: ServerParts['inventory']): AsyncGenerator<CertificateRecord> {
  let after: string | undefined;
  do {
    const { records, next } = await inventory.page(after, pageSize);
    yield* records;
    after = next;
  } while (after !== undefined);
}

/** Whether it could be renewed as things are: others lose nothing. Where its profile is gone already, it is judged as one of the longest. */
function isRenewable(record: CertificateRecord, inForce: ProfileSet, nowMs: number): boolean {
  const { profile, lineageRevoked, notAfterMs } = record;
  if (lineageRevoked !== undefined || ownProfiles.some(({ name }) => name === profile)) return false;
  return nowMs <= notAfterMs + (inForce.find(profile)?.renewAfterExpiryMs ?? inForce.longestRenewalMs);
}

function described(record: CertificateRecord, { code, title, evidence }: Refusal): LostRenewal {
  const { serialNumber: serial, names, profile, notAfterMs } = record;
  return {
    serial,
    names: [...names],
    profile,
    notAfter: toRfc3339(notAfterMs),
    code,
    title,
    evidence: { ...evidence },
  };
}
