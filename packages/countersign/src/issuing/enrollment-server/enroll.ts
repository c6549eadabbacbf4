/** A first certificate for the holder of a token. The same token with the same key gets the same certificate, with another key nothing. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { fromBase64Url } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { constantTimeEqual, sha256, sha256Hex } from '../../runtime/cryptography/index.ts';
import { defaultProfileName, grantNames, type IssuedCertificate, listNames, type Profile } from '../authority/index.ts';
import { namesOf, readRequest, requireNames } from './certification-request.ts';
import type { Enrollment } from './enrollment.ts';
import { profileNamed } from './profile-named.ts';
import { requireUnrevokedLine } from './renew.ts';
import { whileAllowed } from './while-allowed.ts';
import type { TokenRecord } from './token-vault.ts';

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
  const { authority } = enrollment;
  const root = sha256Hex(authority.keys.anchor.raw);
  if (token.root !== root) throw new Refusal('CS-TOKEN-004', { tokenRoot: token.root, root });
  const record = await goodToken(enrollment, token);
  const profile = profileNamed(enrollment, record.profile);
  const request = readRequest(pem, profile);
  // What the token leaves to the request passes the profile like what a token says.
  const names = record.names.length === 0 && profile.names.source === 'request' ? namesOf(request) : record.names;
  const granted = grantNames(names, authority.trustDomain, profile);
  requireNames(request, listNames(granted), profile);
  const publicKey = request.publicKey.raw;
  const publicKeySha256 = sha256Hex(publicKey);
  return enrollment.issuing(`${record.id} ${publicKeySha256}`, () =>
    whileAllowed(enrollment, { profile, names }, () =>
      issueOnce(enrollment, record, { profile, names, publicKey, publicKeySha256 }),
    ),
  );
}

/** Whoever has not the secret learns nothing but that: an unknown token and a wrong secret look the same. */
async function goodToken(enrollment: Enrollment, token: PresentedToken): Promise<TokenRecord> {
  const { tokens, tokenIds, recent, clock } = enrollment;
  // Without a look into the database: whoever invents tokens must cost nothing there.
  if (!tokenIds.isOurs(token.id)) throw new Refusal('CS-TOKEN-005', { id: token.id });
  const record = recent.find(token.id) ?? (await tokens.find([token.id]))[0];
  const presented = sha256(fromBase64Url(token.secret) ?? new Uint8Array());
  // Compared also where there is no such token, so that the time is the same.
  const same = constantTimeEqual(presented, record?.secretSha256 ?? new Uint8Array(32));
  if (record === undefined || !same) throw new Refusal('CS-TOKEN-005', { id: token.id });
  if (clock.now() >= record.expiresAtMs) {
    throw new Refusal('CS-TOKEN-002', { expired: toRfc3339(record.expiresAtMs), now: toRfc3339(clock.now()) });
  }
  return record;
}

interface Granted {
  readonly profile: Profile;
  readonly names: readonly string[];
  readonly publicKey: Uint8Array;
  readonly publicKeySha256: string;
}

/** The token is used up before anything is signed: after a crash it is good for this key alone, whether or not a certificate came of it. */
async function issueOnce(enrollment: Enrollment, token: TokenRecord, granted: Granted): Promise<IssuedCertificate> {
  const { authority, inventory } = enrollment;
  const { id } = token;
  const { profile, names, publicKey, publicKeySha256 } = granted;
  const usual = profile.name === defaultProfileName ? enrollment.lifeMs : undefined;
  const lifeMs = token.certificateLifeMs ?? usual;
  const request = { profile, names, publicKey, lifeMs, origin: `token:${id}` };
  const issued = await authority.issueForToken(id, request);
  enrollment.recent.drop(id);
  if ('certificate' in issued) return issued;
  if (issued.publicKeySha256 !== publicKeySha256) {
    throw new Refusal('CS-TOKEN-003', { id, usedAt: toRfc3339(issued.atMs) });
  }
  const [earlier] = await inventory.byOrigin([request.origin]);
  if (earlier !== undefined) requireUnrevokedLine(earlier);
  return earlier ?? authority.issue(request);
}
