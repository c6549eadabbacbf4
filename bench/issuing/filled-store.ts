/** A database with very many certificates in it, put there without signing any: their octets are random. */
import { randomBytes } from 'node:crypto';
import type { AuditEvent } from 'countersign/audit';
import type { IssuedCertificate } from 'countersign/authority';
import { systemClock } from 'countersign/clock';
import type { SqliteStore } from 'countersign/sqlite';

/** As large as one of the service profile with two names. */
export const certificateBytes = 560;

/** One transaction's. */
const batchSize = 2000;
const dayMs = 86_400_000;
const issuerKey = 'ab'.repeat(32);

/** Answers their serial numbers. */
export async function fillStore(store: SqliteStore, count: number): Promise<string[]> {
  const serials: string[] = [];
  while (serials.length < count) {
    const batch = Array.from({ length: Math.min(batchSize, count - serials.length) }, (_, index) =>
      madeUp(serials.length + index),
    );
    await store.issuance.recordIntents(
      batch.map(({ serialNumber, origin, issuedAtMs }) => ({
        serialNumber,
        issuerKey,
        origin,
        toBeSignedSha256: '00'.repeat(32),
        recordedAtMs: issuedAtMs,
      })),
      batch.map(({ serialNumber }) => event('certificate.issue', serialNumber)),
    );
    await store.issuance.recordCertificates(batch, 10);
    serials.push(...batch.map(({ serialNumber }) => serialNumber));
  }
  return serials;
}

export async function revokeAll(store: SqliteStore, serials: readonly string[]): Promise<void> {
  for (let done = 0; done < serials.length; done += batchSize) {
    const part = serials.slice(done, done + batchSize);
    await Promise.all(part.map((serialNumber) => revoke(store, serialNumber)));
  }
}

async function revoke(store: SqliteStore, serialNumber: string): Promise<void> {
  const atMs = systemClock.now();
  await store.revocations.revoke(
    { serialNumber, reason: 'unspecified', atMs, usefulSinceMs: atMs - dayMs },
    event('certificate.revoke', serialNumber),
  );
}

function event(action: AuditEvent['action'], serial: string): AuditEvent {
  return { atMs: systemClock.now(), action, facts: { serial }, personal: {} };
}

/** The DNS name of the certificate at an index, which each five-thousandth has. */
export function madeUpName(index: number): string {
  return `${serviceAt(index)}.internal`;
}

function serviceAt(index: number): string {
  return `service-${String(index % 5000)}`;
}

function madeUp(index: number): IssuedCertificate {
  const serialNumber = `01${randomBytes(15).toString('hex').toUpperCase()}`;
  const name = serviceAt(index);
  const nowMs = systemClock.now();
  return {
    serialNumber,
    issuerKey,
    lineage: serialNumber,
    origin: `token:${randomBytes(12).toString('base64url')}`,
    profile: 'service',
    names: [madeUpName(index), `spiffe://dev.internal/${name}`],
    spiffeId: `spiffe://dev.internal/${name}`,
    publicKeySha256: randomBytes(32).toString('hex'),
    notBeforeMs: nowMs,
    notAfterMs: nowMs + dayMs,
    issuedAtMs: nowMs,
    lifeMs: dayMs,
    certificate: new Uint8Array(randomBytes(certificateBytes)),
  };
}
