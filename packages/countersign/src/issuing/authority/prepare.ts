/** From a request to a linted certificate and the record of the intent to sign it; refuses whatever may not be issued. Nothing is signed here. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { equalBytes, toHex } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { issueEvent } from './issue-event.ts';
import { encodeEndEntity } from './to-be-signed.ts';
import type { AuthorityKeys } from './authority-keys.ts';
import type { IssueRequest } from './issue-request.ts';
import type { Intent, IssuedCertificate } from './ledger.ts';
import { lintEndEntity } from './lint-end-entity.ts';
import type { LintedCertificate } from './linted-certificate.ts';
import { grantNames, listNames } from './names.ts';
import { backdateMs, type Profile } from './profile.ts';
import { randomSerialNumber } from './serial-number.ts';

export interface Prepared {
  readonly linted: LintedCertificate;
  readonly intent: Intent;
  /** What the audit log says of it. */
  readonly event: AuditEvent;
  /** All of the record but the signed certificate. */
  readonly record: Omit<IssuedCertificate, 'certificate'>;
}

/** @param token the identifier of the one of which this is the first use */
export function prepare(request: IssueRequest, keys: AuthorityKeys, nowMs: number, token?: string): Prepared {
  const { profile, publicKey, origin } = request;
  refuseOwnKeys(publicKey, keys);
  const lifeMs = allowedLife(request.lifeMs ?? profile.life.defaultMs, profile);
  const names = grantNames(request.names, keys.trustDomain, profile);
  const issuer = keys.issuer.facts;
  const { notBeforeMs, notAfterMs } = validity(nowMs, lifeMs, issuer, profile);
  const serialNumber = randomSerialNumber();
  const fields = { serialNumber, issuer, profile, names, notBeforeMs, notAfterMs, publicKey };
  const toBeSigned = encodeEndEntity(fields);
  const linted = lintEndEntity(toBeSigned, issuer, { profile, trustDomain: keys.trustDomain });
  const serial = toHex(serialNumber).toUpperCase();
  const { issuerKey } = keys.issuer;
  const publicKeySha256 = sha256Hex(publicKey);
  const intent = {
    serialNumber: serial,
    issuerKey,
    origin,
    toBeSignedSha256: sha256Hex(toBeSigned),
    recordedAtMs: nowMs,
    token: token === undefined ? undefined : { id: token, publicKeySha256 },
  };
  const record = {
    serialNumber: serial,
    issuerKey,
    lineage: request.lineage ?? serial,
    origin,
    profile: profile.name,
    names: listNames(names),
    spiffeId: names.spiffeId,
    publicKeySha256,
    notBeforeMs,
    notAfterMs,
    issuedAtMs: nowMs,
    lifeMs,
  };
  return { linted, intent, event: issueEvent(intent, record), record };
}

function refuseOwnKeys(publicKey: Uint8Array, keys: AuthorityKeys): void {
  const { issuer, above, anchor } = keys;
  for (const own of [issuer.certificate, ...above, anchor]) {
    if (equalBytes(publicKey, own.publicKey.raw)) throw new Refusal('CS-AUTHORITY-008', { key: sha256Hex(publicKey) });
  }
}

/** Throws CS-AUTHORITY-004 for a life that the profile does not allow. */
export function allowedLife(lifeMs: number, { name, life }: Profile): number {
  if (lifeMs >= life.shortestMs && lifeMs <= life.longestMs) return lifeMs;
  const bounds = { minimum: life.shortestMs / 1000, maximum: life.longestMs / 1000 };
  throw new Refusal('CS-AUTHORITY-004', { seconds: lifeMs / 1000, ...bounds, profile: name });
}

/** To the second, as certificates hold it; never outside the issuer's own validity. */
function validity(
  nowMs: number,
  lifeMs: number,
  issuer: { readonly notBeforeMs: number; readonly notAfterMs: number },
  profile: Profile,
): { notBeforeMs: number; notAfterMs: number } {
  const seconds = Math.floor(nowMs / 1000) * 1000;
  if (seconds < issuer.notBeforeMs) {
    throw new Refusal('CS-AUTHORITY-002', { now: toRfc3339(nowMs), latest: toRfc3339(issuer.notBeforeMs) });
  }
  const notAfterMs = Math.min(seconds + lifeMs, issuer.notAfterMs);
  if (notAfterMs - seconds < profile.life.shortestMs) {
    throw new Refusal('CS-AUTHORITY-005', { notAfter: toRfc3339(issuer.notAfterMs), now: toRfc3339(nowMs) });
  }
  return { notBeforeMs: Math.max(seconds - backdateMs, issuer.notBeforeMs), notAfterMs };
}
