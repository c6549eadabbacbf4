/** A ledger in memory, for measurements and tests: nothing of it survives the process. */
import { type MemoryJournal, memoryJournal } from '../../runtime/audit/index.ts';
import type { CertificateInventory, CertificateRecord, Intent, IssuanceLedger, IssuedCertificate } from './ledger.ts';

export interface MemoryLedger extends IssuanceLedger, CertificateInventory {
  readonly intents: ReadonlyMap<string, Intent>;
  readonly audit: MemoryJournal;
}

export function memoryLedger(): MemoryLedger {
  const audit = memoryJournal();
  const intents = new Map<string, Intent>();
  const certificates = new Map<string, IssuedCertificate>();
  let latestMs: number | undefined;

  return {
    intents,
    audit,
    recordIntents: async (batch, events) => {
      for (const intent of batch) {
        if (intents.has(intent.serialNumber)) throw new Error(`serial number ${intent.serialNumber} twice`);
        intents.set(intent.serialNumber, intent);
        latestMs = Math.max(latestMs ?? 0, intent.recordedAtMs);
      }
      audit.write(events);
    },
    recordCertificates: async (batch) => {
      for (const certificate of batch) {
        if (!intents.has(certificate.serialNumber)) throw new Error(`no intent for ${certificate.serialNumber}`);
        certificates.set(certificate.serialNumber, certificate);
      }
      return batch.map(() => 'recorded');
    },
    latestIntentMs: async () => latestMs,
    bySerialNumber: async (serialNumbers) => serialNumbers.map((serialNumber) => certificates.get(serialNumber)),
    byOrigin: async (origins) => origins.map((origin) => find(certificates, origin)),
    page: async (after, limit) => {
      const start = after === undefined ? 0 : Number(after);
      const records = [...certificates.values()].slice(start, start + limit);
      return start + limit < certificates.size ? { records, next: String(start + limit) } : { records };
    },
  };
}

function find(certificates: ReadonlyMap<string, IssuedCertificate>, origin: string): CertificateRecord | undefined {
  return [...certificates.values()].find((certificate) => certificate.origin === origin);
}
