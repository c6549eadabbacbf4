/** The next certificate for the holder of one that has expired: proved by its key over a challenge, since TLS takes no expired certificate. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { equalBytes, fromBase64Url, parsePem } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type Certificate, isKeyType, ownSignatureAlgorithm, parseCertificate } from '../../identity/x509/index.ts';
import { renewalProof } from '../../runtime/api/index.ts';
import { verifySignature } from '../../runtime/cryptography/index.ts';
import type { CertificateRecord, IssuedCertificate } from '../authority/index.ts';
import { readRequest } from './certification-request.ts';
import type { Enrollment } from './enrollment.ts';
import type { RenewalChallenges } from './renewal-challenges.ts';
import { learnCertificate } from './learn-certificate.ts';
import { issueNext, requireRenewable } from './renew.ts';
import { requireInTime } from './renewal-policy.ts';

export interface RenewExpiredOrder {
  /** PEM, alone or followed by its chain. */
  readonly certificate: string;
  /** The certification request, PEM. */
  readonly request: string;
  readonly challenge: string;
  /** base64url, by the key of `certificate`. */
  readonly signature: string;
}

/** Also taken before expiry: it proves as much as TLS would, and works through what ends TLS on the way. */
export async function renewExpired(
  enrollment: Enrollment,
  challenges: RenewalChallenges,
  order: RenewExpiredOrder,
): Promise<IssuedCertificate> {
  challenges.require(order.challenge);
  const certificate = presented(order.certificate);
  // Before anything is looked for: only who holds the key may have a certificate learned.
  requireProof(certificate, order);
  const record = await recordOf(enrollment, certificate);
  const profile = requireRenewable(enrollment, record);
  requireInTime(record, profile, enrollment.clock.now());
  requireNotLost(enrollment, record);
  return issueNext(enrollment, record, profile, order.request);
}

function presented(pem: string): Certificate {
  const [block] = parsePem(pem);
  if (block?.label !== 'CERTIFICATE')
    throw new Refusal('CS-PEM-002', { expected: 'CERTIFICATE', found: block?.label ?? 'nothing' });
  return parseCertificate(block.bytes);
}

/** Ours, octet for octet: no signature needs to be verified, and none of a look-alike is believed. */
async function recordOf(enrollment: Enrollment, certificate: Certificate): Promise<CertificateRecord> {
  const [onRecord] = await enrollment.inventory.bySerialNumber([certificate.serialNumber]);
  const record = onRecord ?? (await learnCertificate(enrollment, certificate));
  if (record === undefined || !equalBytes(record.certificate, certificate.raw)) {
    throw new Refusal('CS-RENEW-001', { serial: certificate.serialNumber });
  }
  return record;
}

/** Before anything about the certificate's standing is said: only its holder learns that. */
function requireProof(
  { publicKey, serialNumber }: Certificate,
  { challenge, request, signature }: RenewExpiredOrder,
): void {
  const proof = renewalProof({ challenge, request: readRequest(request).raw });
  const given = fromBase64Url(signature) ?? new Uint8Array();
  const algorithm = isKeyType(publicKey.type) ? ownSignatureAlgorithm(publicKey.type) : undefined;
  if (algorithm === undefined || !verifySignature(publicKey, algorithm, proof, given)) {
    throw new Refusal('CS-RENEW-005', { serial: serialNumber });
  }
}

/**
 * What expired in the time of which nothing is on record may have been revoked in it, as a part of its line; nobody was told of that one, since it had
 * expired, so nobody can hand it back.
 */
function requireNotLost(
  { recovery, clock }: Enrollment,
  { serialNumber: serial, notAfterMs }: CertificateRecord,
): void {
  if (recovery === undefined || clock.now() <= notAfterMs) return;
  const { backupAtMs, restoredAtMs } = recovery.lost;
  if (notAfterMs < backupAtMs || notAfterMs > restoredAtMs) return;
  const [backupAt, restoredAt] = [toRfc3339(backupAtMs), toRfc3339(restoredAtMs)];
  throw new Refusal('CS-BACKUP-008', { serial, backupAt, restoredAt });
}
