/** The next certificate for the holder of one that is valid, over mutual TLS. */
import { fromBase64Url, toHex } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { CertificateRecord, IssuedCertificate, Profile } from '../authority/index.ts';
import { parseCertificate } from '../../identity/x509/index.ts';
import { learnCertificate } from './learn-certificate.ts';
import { readRequest, requireNames } from './certification-request.ts';
import type { Enrollment } from './enrollment.ts';
import { renewalLife, renewalProfile, requireRenewableNames } from './renewal-policy.ts';
import { whileAllowed } from './while-allowed.ts';

/** The part of a `VerifiedPeer` that a renewal is bound to: this very certificate, not merely its name. */
export interface RenewingPeer {
  readonly serialNumber: string;
  readonly issuerKey: string;
  /** base64url SHA-256 of the certificate. */
  readonly thumbprint: string;
  /** DER. */
  readonly certificate?: Uint8Array | undefined;
}

export interface RenewOrder {
  readonly peer: RenewingPeer;
  /** The certification request, PEM: the same key renews, another one rekeys. */
  readonly request: string;
}

export async function renew(enrollment: Enrollment, { peer, request }: RenewOrder): Promise<IssuedCertificate> {
  const [onRecord] = await enrollment.inventory.bySerialNumber([peer.serialNumber]);
  const record = onRecord ?? (await learned(enrollment, peer));
  const thumbprint = toHex(fromBase64Url(peer.thumbprint) ?? new Uint8Array());
  if (record?.issuerKey !== peer.issuerKey || sha256Hex(record.certificate) !== thumbprint) {
    throw new Refusal('CS-RENEW-001', { serial: peer.serialNumber });
  }
  return issueNext(enrollment, record, requireRenewable(enrollment, record), request);
}

function learned(enrollment: Enrollment, { certificate }: RenewingPeer): Promise<CertificateRecord | undefined> {
  if (enrollment.recovery === undefined || certificate === undefined) return Promise.resolve(undefined);
  return learnCertificate(enrollment, parseCertificate(certificate));
}

/** What both kinds of renewal refuse; answers the profile as it is now, which the renewal then goes by. */
export function requireRenewable({ profiles }: Enrollment, record: CertificateRecord): Profile {
  const profile = renewalProfile(profiles.current(), record);
  requireUnrevokedLine(record);
  return profile;
}

/** @throws CS-RENEW-002, or CS-RENEW-010 where it is only held */
export function requireUnrevokedLine({
  serialNumber: serial,
  lineageRevoked: revoked,
}: Pick<CertificateRecord, 'serialNumber' | 'lineageRevoked'>): void {
  if (revoked === undefined) return;
  throw new Refusal(revoked.reason === 'certificateHold' ? 'CS-RENEW-010' : 'CS-RENEW-002', { serial });
}

/** The record's names and life, which pass the policy again as it is now; never those of the request. */
export async function issueNext(
  enrollment: Enrollment,
  record: CertificateRecord,
  profile: Profile,
  pem: string,
): Promise<IssuedCertificate> {
  requireRenewableNames(record, enrollment.authority.trustDomain, profile);
  const request = readRequest(pem, profile);
  const { names } = record;
  requireNames(request, names, profile);
  return whileAllowed(enrollment, { profile, names }, () =>
    enrollment.authority.issue({
      profile,
      names,
      publicKey: request.publicKey.raw,
      lifeMs: renewalLife(record, profile),
      origin: `renewal:${record.serialNumber}`,
      lineage: record.lineage,
    }),
  );
}
