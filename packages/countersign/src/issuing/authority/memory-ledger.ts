/** A ledger in memory, for measurements and tests: nothing of it survives the process. */
import { type MemoryJournal, memoryJournal } from '../../runtime/audit/index.ts';
import type {
  CertificateInventory,
  Intent,
  IntentOutcome,
  IssuanceLedger,
  IssuedCertificate,
  TokenClaim,
} from './ledger.ts';

export interface MemoryLedger extends IssuanceLedger, CertificateInventory {
  readonly intents: ReadonlyMap<string, Intent>;
  readonly audit: MemoryJournal;
}

export function memoryLedger(): MemoryLedger {
  const audit = memoryJournal();
  const intents = new Map<string, Intent>();
  const certificates = new Map<string, IssuedCertificate>();
  /** Those that continue a line of renewals, the unexpired ones; the first of it is among the certificates. */
  const lines = new Map<string, readonly IssuedCertificate[]>();
  const tokens = new Map<string, IssuedCertificate>();
  const claims = new Map<string, TokenClaim>();
  let latestMs: number | undefined;

  return {
    intents,
    audit,
    recordIntents: async (batch, events) => {
      const taken = batch.find(({ serialNumber }) => intents.has(serialNumber) || certificates.has(serialNumber));
      if (taken !== undefined) throw new Error(`serial number ${taken.serialNumber} twice`);
      const outcomes = batch.map((intent): IntentOutcome => {
        const { serialNumber, recordedAtMs: atMs, token } = intent;
        const earlier = token === undefined ? undefined : claims.get(token.id);
        if (earlier !== undefined) return earlier;
        if (token !== undefined) claims.set(token.id, { publicKeySha256: token.publicKeySha256, atMs });
        intents.set(serialNumber, intent);
        latestMs = Math.max(latestMs ?? 0, atMs);
        return 'recorded';
      });
      audit.write(events.filter((_, index) => outcomes[index] === 'recorded'));
      return outcomes;
    },
    recordCertificates: async (batch, mostOfOneLineage) =>
      batch.map((certificate) => {
        const { serialNumber, origin, lineage, issuedAtMs } = certificate;
        if (certificates.has(serialNumber)) throw new Error(`serial number ${serialNumber} twice`);
        if (!intents.has(serialNumber)) throw new Error(`no intent for ${serialNumber}`);
        if (tokens.has(origin)) throw new Error(`a second certificate for ${origin}`);
        if (lineage !== serialNumber) {
          const isUnexpired = ({ notAfterMs }: IssuedCertificate): boolean => notAfterMs >= issuedAtMs;
          const unexpired = (lines.get(lineage) ?? []).filter(isUnexpired);
          const first = certificates.get(lineage);
          const counted = unexpired.length + (first !== undefined && isUnexpired(first) ? 1 : 0);
          if (counted >= mostOfOneLineage) return 'lineage-full';
          lines.set(lineage, [...unexpired, certificate]);
        }
        if (origin.startsWith('token:')) tokens.set(origin, certificate);
        certificates.set(serialNumber, certificate);
        return 'recorded';
      }),
    latestIntentMs: async () => latestMs,
    bySerialNumber: async (serialNumbers) => serialNumbers.map((serialNumber) => certificates.get(serialNumber)),
    byOrigin: async (origins) => origins.map((origin) => tokens.get(origin)),
    byName: async (name, after, limit) => {
      const named = [...certificates.values()].filter(({ names }) => names.includes(name));
      return page(named, after, limit);
    },
    lastEnd: async (issuerKey) => {
      const own = [...certificates.values()].filter((one) => one.issuerKey === issuerKey);
      return own.length === 0 ? undefined : Math.max(...own.map(({ notAfterMs }) => notAfterMs));
    },
    page: async (after, limit) => page([...certificates.values()], after, limit),
  };
}

function page(
  all: readonly IssuedCertificate[],
  after: string | undefined,
  limit: number,
): { records: IssuedCertificate[]; next?: string } {
  const start = after === undefined ? 0 : Number(after);
  const records = all.slice(start, start + limit);
  return start + limit < all.length ? { records, next: String(start + limit) } : { records };
}
