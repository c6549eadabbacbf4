/** Makes a one-time token for names. */
import { toBase64Url } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type Actor, type AuditEvent, auditEvent } from '../../runtime/audit/index.ts';
import { randomBytes, sha256 } from '../../runtime/cryptography/index.ts';
import { allowedLife, grantNames, type Profile, requirePermittedNames } from '../authority/index.ts';
import type { Enrollment } from './enrollment.ts';

export interface TokenOrder {
  readonly names: readonly string[];
  /** How long the token can be used. */
  readonly lifeMs: number;
  readonly certificateLifeMs?: number | undefined;
  /** Who makes it, for the audit log. */
  readonly actor: Actor;
  /** What else the audit log shall tell of the same act. */
  readonly events?: readonly AuditEvent[] | undefined;
}

export interface CreatedToken {
  readonly id: string;
  /** base64url; kept by nobody else. */
  readonly secret: string;
  readonly names: readonly string[];
  readonly expiresAtMs: number;
}

/** 256 bits: the secret is compared by its hash, and nobody guesses it. */
const secretBytes = 32;

const shortestLifeMs = 1000;
/** 30 days: for machines that are installed long before they start. Doubt: shorter is better; the command's default is an hour. */
const longestLifeMs = 30 * 24 * 3600 * 1000;

/** @param profile of what it is good for; default that of services */
export async function createToken(
  enrollment: Enrollment,
  order: TokenOrder,
  profile: Profile = enrollment.profile,
): Promise<CreatedToken> {
  const { authority, tokens, tokenIds, clock } = enrollment;
  // Here too, and not at issuing alone: who makes the token learns of a name that will be refused.
  const { dns, uri, ip } = grantNames(order.names, authority.trustDomain, profile);
  requirePermittedNames({ subjectAltName: { dns, uri, ip } }, authority.keys.issuer.facts);
  if (order.certificateLifeMs !== undefined) allowedLife(order.certificateLifeMs, profile);
  requireTokenLife(order.lifeMs);
  const createdAtMs = clock.now();
  // To the second, as the token's text holds it.
  const expiresAtMs = Math.ceil((createdAtMs + order.lifeMs) / 1000) * 1000;
  const secret = randomBytes(secretBytes);
  const id = tokenIds.create();
  const { names, certificateLifeMs } = order;
  const event = auditEvent('token.create', {
    atMs: createdAtMs,
    actor: order.actor,
    facts: { token: id, expires: expiresAtMs },
    personal: { names: names.join(' ') },
  });
  await tokens.add(
    [{ id, secretSha256: sha256(secret), names, createdAtMs, expiresAtMs, certificateLifeMs }],
    [event, ...(order.events ?? [])],
  );
  return { id, secret: toBase64Url(secret), names, expiresAtMs };
}

function requireTokenLife(lifeMs: number): void {
  if (lifeMs >= shortestLifeMs && lifeMs <= longestLifeMs) return;
  throw new Refusal('CS-TOKEN-006', {
    seconds: lifeMs / 1000,
    minimum: shortestLifeMs / 1000,
    maximum: longestLifeMs / 1000,
  });
}
