/** Invites a partner: registers it where it is new, and makes a code, good once, for one key. */
import { Refusal } from '../../ground/errors/index.ts';
import { partnerId, readPartner } from '../../identity/partners/index.ts';
import { type Actor, auditEvent } from '../../runtime/audit/index.ts';
import { partnerProfile } from '../authority/index.ts';
import { type CreatedToken, createToken } from '../enrollment-server/index.ts';
import type { PartnerTerms } from './partner-book.ts';
import type { PartnerRegistry } from './registry.ts';
import { requireActive } from './require-active.ts';

export interface InvitationOrder extends Partial<PartnerTerms> {
  readonly name: string;
  /** How long the code can be used. */
  readonly lifeMs: number;
  readonly certificateLifeMs?: number | undefined;
  readonly actor: Actor;
}

export interface MadeInvitation extends CreatedToken {
  readonly spiffeId: string;
  /** Whether the partner is new. */
  readonly registered: boolean;
}

/** @throws CS-PARTNER-001, -005, -006 */
export async function invite(registry: PartnerRegistry, order: InvitationOrder): Promise<MadeInvitation> {
  const { enrollment } = registry;
  const { lifeMs, certificateLifeMs, actor } = order;
  const { trustDomain } = enrollment.authority;
  const spiffeId = partnerId(trustDomain, order.name);
  const registered = await register(registry, order);
  const asked = { names: [spiffeId], lifeMs, certificateLifeMs, actor };
  return { ...(await createToken(enrollment, asked, partnerProfile)), spiffeId, registered };
}

async function register({ book, clock, enrollment }: PartnerRegistry, order: InvitationOrder): Promise<boolean> {
  const { name, actor } = order;
  const { trustDomain } = enrollment.authority;
  const who = { trustDomain, spiffeId: partnerId(trustDomain, name) };
  const given = { routes: order.routes, limits: order.limits, contacts: order.contacts };
  const { routes, limits, contacts } = readPartner({ name, who, ...given });
  const atMs = clock.now();
  const event = auditEvent('partner.invite', { atMs, actor, facts: { partner: name } });
  const record = {
    name,
    state: 'active',
    terms: { routes, limits, contacts },
    invitedAtMs: atMs,
    changedAtMs: atMs,
  } as const;
  const [added] = await book.add([record], [event]);
  if (added === true) return true;
  const differs = Object.entries(given).flatMap(([term, value]) => (value === undefined ? [] : [term]));
  if (differs.length > 0) throw new Refusal('CS-PARTNER-005', { partner: name, differs });
  await requireActive(book, name);
  return false;
}
