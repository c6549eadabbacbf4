/** A first certificate for the holder of a token. The same token with the same key gets the same certificate, with another key nothing. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { fromBase64Url } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { constantTimeEqual, sha256, sha256Hex } from '../../runtime/cryptography/index.ts';
import { defaultProfileName, grantNames, type IssuedCertificate, listNames, type Profile } from '../authority/index.ts';
import { namesOf, readRequest, refuseOtherNames } from './certification-request.ts';
import type { Enrollment } from './enrollment.ts';
import { profileNamed } from './profile-named.ts';
import type { HeldClaim, TokenRecord } from './token-vault.ts';

export interface PresentedToken {
  readonly id: string;
  /** base64url. */
  readonly secret: string;
  /** The pin that it carries: SHA-256 of the root it was made under. */
  readonly root: string;
}

export interface EnrollOrder {
  readonly token: PresentedToken;
  /** The certification request, PEM. */
  readonly request: string;
}

export async function enroll(enrollment: Enrollment, { token, request: pem }: EnrollOrder): Promise<IssuedCertificate> {
  const { authority, onStep } = enrollment;
  const root = sha256Hex(authority.keys.anchor.raw);
  if (token.root !== root) throw new Refusal('CS-TOKEN-004', { tokenRoot: token.root, root });
  const record = await goodToken(enrollment, token);
  const profile = profileNamed(enrollment, record.profile);
  const request = readRequest(pem, profile);
  // What the token leaves to the request passes the profile like what a token says.
  const names = record.names.length === 0 && profile.names.source === 'request' ? namesOf(request) : record.names;
  const granted = grantNames(names, authority.trustDomain, profile);
  refuseOtherNames(request, listNames(granted));
  const publicKey = request.publicKey.raw;
  const { first } = await claim(enrollment, record.id, sha256Hex(publicKey));
  onStep?.('token-claimed');
  return enrollment.issuing(record.id, () => issueOnce(enrollment, record, { profile, names, publicKey, first }));
}

/** Whoever has not the secret learns nothing but that: an unknown token and a wrong secret look the same. */
async function goodToken({ tokens, tokenIds, clock }: Enrollment, token: PresentedToken): Promise<TokenRecord> {
  // Without a look into the database: whoever invents tokens must cost nothing there.
  if (!tokenIds.isOurs(token.id)) throw new Refusal('CS-TOKEN-005', { id: token.id });
  const [record] = await tokens.find([token.id]);
  const presented = sha256(fromBase64Url(token.secret) ?? new Uint8Array());
  // Compared also where there is no such token, so that the time is the same.
  const same = constantTimeEqual(presented, record?.secretSha256 ?? new Uint8Array(32));
  if (record === undefined || !same) throw new Refusal('CS-TOKEN-005', { id: token.id });
  if (clock.now() >= record.expiresAtMs) {
    throw new Refusal('CS-TOKEN-002', { expired: toRfc3339(record.expiresAtMs), now: toRfc3339(clock.now()) });
  }
  return record;
}

/** Before anything is issued: after a crash the token is good for this key alone, whether or not a certificate came of it. */
async function claim({ tokens, clock }: Enrollment, id: string, publicKeySha256: string): Promise<HeldClaim> {
  const atMs = clock.now();
  const facts = { token: id, keySha256: publicKeySha256 };
  const [held] = await tokens.claim(
    [{ id, publicKeySha256, atMs }],
    [{ atMs, action: 'token.claim', facts, personal: {} }],
  );
  if (held === undefined) throw new Refusal('CS-TOKEN-005', { id });
  if (held.publicKeySha256 !== publicKeySha256) throw new Refusal('CS-TOKEN-003', { id, usedAt: toRfc3339(held.atMs) });
  return held;
}

interface Granted {
  readonly profile: Profile;
  readonly names: readonly string[];
  readonly publicKey: Uint8Array;
  /** Whether the claim was the token's first, so that nothing can have come of it before. */
  readonly first: boolean;
}

async function issueOnce(
  enrollment: Enrollment,
  token: TokenRecord,
  { profile, names, publicKey, first }: Granted,
): Promise<IssuedCertificate> {
  const { authority, inventory } = enrollment;
  const origin = `token:${token.id}`;
  const [earlier] = first ? [] : await inventory.byOrigin([origin]);
  if (earlier?.lineageRevoked !== undefined) throw new Refusal('CS-RENEW-002', { serial: earlier.serialNumber });
  if (earlier !== undefined) return earlier;
  const usual = profile.name === defaultProfileName ? enrollment.lifeMs : undefined;
  return authority.issue({ profile, names, publicKey, lifeMs: token.certificateLifeMs ?? usual, origin });
}
