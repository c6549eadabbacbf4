/** Makes a one-time token for names. */
import { toBase64Url } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type Actor, type AuditEvent, auditEvent } from '../../runtime/audit/index.ts';
import { randomBytes, sha256 } from '../../runtime/cryptography/index.ts';
import {
  allowedLife,
  type Authority,
  defaultProfileName,
  grantNames,
  listNames,
  type Profile,
  requirePermittedNames,
} from '../authority/index.ts';
import type { Enrollment } from './enrollment.ts';

export interface TokenOrder {
  /** Empty: the profile's own, or those that the request will bring, as the profile says. */
  readonly names: readonly string[];
  /** How long the token can be used. */
  readonly lifeMs: number;
  readonly certificateLifeMs?: number | undefined;
  /** Default `service`. */
  readonly profile?: string | undefined;
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

/** @param profile of what it is good for; default the one of the settings that the order names */
export async function createToken(
  enrollment: Enrollment,
  order: TokenOrder,
  profile: Profile = enrollment.profiles.current().require(order.profile ?? defaultProfileName),
): Promise<CreatedToken> {
  const { authority, tokens, tokenIds, clock } = enrollment;
  const names = tokenNames(order.names, authority, profile);
  if (order.certificateLifeMs !== undefined) allowedLife(order.certificateLifeMs, profile);
  requireTokenLife(order.lifeMs);
  const createdAtMs = clock.now();
  // To the second, as the token's text holds it.
  const expiresAtMs = Math.ceil((createdAtMs + order.lifeMs) / 1000) * 1000;
  const secret = randomBytes(secretBytes);
  const id = tokenIds.create();
  const { certificateLifeMs } = order;
  const event = auditEvent('token.create', {
    atMs: createdAtMs,
    actor: order.actor,
    facts: { token: id, expires: expiresAtMs, profile: profile.name },
    personal: { names: names.join(' ') },
  });
  const fixed = { id, secretSha256: sha256(secret), names, profile: profile.name, createdAtMs, expiresAtMs };
  const record = { ...fixed, certificateLifeMs };
  await tokens.add([record], [event, ...(order.events ?? [])]);
  enrollment.recent.add(record);
  return { id, secret: toBase64Url(secret), names, expiresAtMs };
}

/** Here too, and not at issuing alone: who makes the token learns of a name that will be refused. */
function tokenNames(asked: readonly string[], { trustDomain, keys }: Authority, profile: Profile): readonly string[] {
  if (asked.length === 0 && profile.names.source === 'request') return [];
  const granted = grantNames(asked, trustDomain, profile);
  const { dns, uri, ip, email } = granted;
  requirePermittedNames({ subjectAltName: { dns, uri, ip, email } }, keys.issuer.facts);
  return asked.length === 0 ? listNames(granted) : asked;
}

function requireTokenLife(lifeMs: number): void {
  if (lifeMs >= shortestLifeMs && lifeMs <= longestLifeMs) return;
  throw new Refusal('CS-TOKEN-006', {
    seconds: lifeMs / 1000,
    minimum: shortestLifeMs / 1000,
    maximum: longestLifeMs / 1000,
  });
}
