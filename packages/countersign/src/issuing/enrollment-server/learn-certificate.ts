/**
 * A certificate that is not on record, because it was issued after the backup that this authority was restored from: believed for its signature, and taken
 * over with what it says of itself.
 */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { equalBytes } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { type Certificate, isKeyType, ownSignatureAlgorithm } from '../../identity/x509/index.ts';
import { auditEvent } from '../../runtime/audit/index.ts';
import { sha256Hex, verifySignature } from '../../runtime/cryptography/index.ts';
import {
  backdateMs,
  type CertificateRecord,
  defaultProfileName,
  grantNames,
  type IssuedCertificate,
  listNames,
  type Profile,
  type RecordOutcome,
} from '../authority/index.ts';
import type { Enrollment } from './enrollment.ts';
import type { LostTime } from './recovery.ts';

/** The clock of the machine that is lost and that of this one may differ by as much as an authority tolerates of its own. */
const clockToleranceMs = 60_000;

/** The record that it has now; `undefined` where it is none of that time. */
export async function learnCertificate(
  enrollment: Enrollment,
  certificate: Certificate,
): Promise<CertificateRecord | undefined> {
  const { recovery, clock, inventory } = enrollment;
  if (recovery === undefined || !isOfLostTime(certificate, recovery.lost) || !isOurs(certificate, enrollment))
    return undefined;
  const profile = likelyProfile(certificate, enrollment);
  if (profile === undefined) return undefined;
  const record = recordOf(certificate, enrollment, profile);
  const event = auditEvent('certificate.learn', {
    atMs: clock.now(),
    actor: { kind: 'authority', name: 'authority' },
    facts: { serial: record.serialNumber, notAfter: toRfc3339(record.notAfterMs), sha256: sha256Hex(certificate.raw) },
    personal: { names: record.names.join(' ') },
  });
  requireTaken(await recovery.ledger.learnCertificate(record, event), record);
  const [learned] = await inventory.bySerialNumber([record.serialNumber]);
  return learned;
}

/** One that another authority with this key issued after the restoring is none of ours. */
function isOfLostTime({ notBefore }: Certificate, { backupAtMs, restoredAtMs }: LostTime): boolean {
  const issuedAtMs = notBefore + backdateMs;
  return issuedAtMs >= backupAtMs - clockToleranceMs && issuedAtMs <= restoredAtMs + clockToleranceMs;
}

/** Signed by the issuer's key, and no authority. */
function isOurs(certificate: Certificate, { authority }: Enrollment): boolean {
  const issuer = authority.keys.issuer.certificate;
  const { type } = issuer.publicKey;
  if (!equalBytes(certificate.issuer.raw, issuer.subject.raw) || !isKeyType(type)) return false;
  const algorithm = ownSignatureAlgorithm(type);
  if (certificate.signatureAlgorithm !== algorithm) return false;
  if (!verifySignature(issuer.publicKey, algorithm, certificate.tbs, certificate.signature)) return false;
  return certificate.basicConstraints?.ca !== true;
}

/**
 * A certificate does not say its profile: the one of services where it has its purposes, else the first that has them and gives its names.
 * Never an administrator's, nor the authority's own: those are not in the set.
 */
function likelyProfile(certificate: Certificate, { profiles, authority }: Enrollment): Profile | undefined {
  const usages = certificate.extendedKeyUsage ?? [];
  const fitting = profiles
    .current()
    .profiles.filter(
      ({ extendedKeyUsage }) =>
        usages.length === extendedKeyUsage.length && usages.every((usage) => extendedKeyUsage.includes(usage)),
    );
  const names = listNames(certificate.subjectAltName);
  const giving = fitting.filter((profile) => gives(names, authority.trustDomain, profile));
  return giving.find(({ name }) => name === defaultProfileName) ?? giving[0] ?? fitting[0];
}

function gives(names: readonly string[], trustDomain: string, profile: Profile): boolean {
  try {
    grantNames(names, trustDomain, profile);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Its names pass the policy as it is now; where they do not, it is refused with the rule, as a renewal would be. */
function recordOf(certificate: Certificate, { authority }: Enrollment, profile: Profile): IssuedCertificate {
  const names = grantNames(listNames(certificate.subjectAltName), authority.trustDomain, profile);
  const issuedAtMs = certificate.notBefore + backdateMs;
  return {
    serialNumber: certificate.serialNumber,
    issuerKey: authority.keys.issuer.issuerKey,
    lineage: certificate.serialNumber,
    origin: 'learned',
    profile: profile.name,
    names: listNames(names),
    spiffeId: names.spiffeId,
    publicKeySha256: sha256Hex(certificate.publicKey.raw),
    notBeforeMs: certificate.notBefore,
    notAfterMs: certificate.notAfter,
    issuedAtMs,
    lifeMs: Math.min(Math.max(certificate.notAfter - issuedAtMs, profile.life.shortestMs), profile.life.longestMs),
    certificate: certificate.raw,
  };
}

function requireTaken(outcome: RecordOutcome, { serialNumber, publicKeySha256 }: IssuedCertificate): void {
  if (outcome === 'key-compromised') throw new Refusal('CS-ENROLL-001', { key: publicKeySha256 });
  if (outcome === 'lineage-revoked') throw new Refusal('CS-RENEW-002', { serial: serialNumber });
}
