/**
 * The storage with very many certificates: bytes for each, look-ups, revoking, tidying, checking. `full-store.ts [--certificates N] [--revoked N]`
 * [--dir DIR]; a million take some minutes. One line of JSON a measurement.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';

import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { IssuedCertificate } from '../../packages/countersign/src/issuing/authority/index.ts';
import { defaultTidyRules } from '../../packages/countersign/src/issuing/server/index.ts';
import { recordIntents, revoke } from '../fixtures/stored-certificates.ts';
import { openSqliteStore, type SqliteStore } from '../../packages/countersign/src/store/sqlite/index.ts';

const { values } = parseArgs({
  options: {
    certificates: { type: 'string', default: '1000000' },
    revoked: { type: 'string', default: '100000' },
    dir: { type: 'string' },
  },
});
const count = Number(values.certificates);
const revoked = Number(values.revoked);

/** As large as one of the service profile with two names. */
const certificateBytes = 560;
const dayMs = 86_400_000;
const startMs = Date.parse('2026-11-21T00:00:00Z');
const issuerKey = 'ab'.repeat(32);
const clock = manualClock(startMs);

const dir = values.dir ?? (await mkdtemp(join(tmpdir(), 'countersign-full-')));
const file = join(dir, 'authority.db');
const serials: string[] = [];

function made(index: number): IssuedCertificate {
  const serialNumber = randomBytes(16).toString('hex').toUpperCase();
  const name = `service-${String(index % 5000)}`;
  return {
    serialNumber,
    issuerKey,
    lineage: serialNumber,
    origin: `renewal:${randomBytes(16).toString('hex').toUpperCase()}`,
    profile: 'service',
    names: [`${name}.internal`, `spiffe://dev.internal/${name}`],
    spiffeId: `spiffe://dev.internal/${name}`,
    publicKeySha256: randomBytes(32).toString('hex'),
    notBeforeMs: startMs,
    notAfterMs: startMs + dayMs + index,
    issuedAtMs: startMs,
    lifeMs: dayMs,
    certificate: randomBytes(certificateBytes),
  };
}

/** One that is there already is measured as it is. */
async function readSerials(store: SqliteStore): Promise<void> {
  let after: string | undefined;
  do {
    const page = await store.inventory.page(after, 1000);
    serials.push(...page.records.filter(({ revoked: by }) => by === undefined).map(({ serialNumber }) => serialNumber));
    after = page.next;
  } while (after !== undefined && serials.length < revoked + 5000);
}

async function fill(store: SqliteStore): Promise<void> {
  for (let done = 0; done < count; done += 2000) {
    const batch = Array.from({ length: Math.min(2000, count - done) }, (_, index) => made(done + index));
    await recordIntents(
      store,
      batch.map(({ serialNumber, origin }) => ({
        ...{ serialNumber, issuerKey, origin, recordedAtMs: startMs },
        toBeSignedSha256: '00'.repeat(32),
      })),
    );
    await store.issuance.recordCertificates(batch, 10);
    for (const { serialNumber } of batch)
      if (serials.length < Math.max(revoked + 5000, 5000)) serials.push(serialNumber);
  }
}

/** Milliseconds that each of the calls took: the middle one, the 99th of 100, the longest; and of the processor, all threads, on average. */
async function time(name: string, times: number, call: (index: number) => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  const before = process.cpuUsage();
  for (let index = 0; index < times; index++) {
    const began = performance.now();
    await call(index);
    took.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(before);
  took.sort((a, b) => a - b);
  const at = (part: number): number => Math.round((took[Math.floor(took.length * part)] ?? 0) * 1000) / 1000;
  tell({
    name,
    times,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    mostMs: at(0.9999),
    processorMs: Math.round((user + system) / times) / 1000,
  });
}

function tell(fields: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
}

const unspecified = { reason: 'unspecified', atMs: startMs, usefulSinceMs: startMs - 7 * dayMs } as const;

async function measure(store: SqliteStore): Promise<void> {
  await time('by serial', 2000, (index) => store.inventory.bySerialNumber([serials[index * 2] ?? '']));
  await time('by name, the first of 200', 500, (index) =>
    store.inventory.byName(`service-${String(index + 2000)}.internal`, undefined, 1),
  );
  await time('by name, a page of 100', 500, (index) =>
    store.inventory.byName(`service-${String(index)}.internal`, undefined, 100),
  );
  await time('revoke, few revoked', 300, (index) =>
    revoke(store, { serialNumber: serials[index] ?? '', ...unspecified }),
  );
  for (let done = 300; done < revoked; done += 500) {
    const part = serials.slice(done, Math.min(done + 500, revoked));
    await Promise.all(part.map((serialNumber) => revoke(store, { serialNumber, ...unspecified })));
  }
  await time(`revoke, ${String(revoked)} revoked`, 300, (index) =>
    revoke(store, { serialNumber: serials[revoked + index] ?? '', ...unspecified }),
  );
  const from = performance.now();
  const copy = store.snapshots.take(join(dir, 'copy.db')).then(() => (copied = true));
  let copied = false;
  await time('issuing while a snapshot is taken', 100, async () => {
    const one = made(serials.length + Math.floor(Math.random() * 1e6));
    await recordIntents(store, [{ ...one, toBeSignedSha256: '00'.repeat(32), recordedAtMs: startMs }]);
    await store.issuance.recordCertificates([one], 10);
  });
  tell({ name: 'snapshot still under way', value: !copied });
  await copy;
  tell({ name: 'snapshot', ms: Math.round(performance.now() - from) });
  let cursor: string | undefined;
  const order = { nowMs: startMs + 40 * dayMs, keep: defaultTidyRules, most: 100 };
  await time('a step of tidying', 300, async () => {
    cursor = (await store.keeper.tidy({ ...order, cursor })).next;
  });
}

try {
  const store = await openSqliteStore({ file, clock });
  const began = performance.now();
  if ((await store.inventory.page(undefined, 1)).records.length > 0) await readSerials(store);
  else await fill(store);
  tell({ name: 'filled', certificates: count, seconds: Math.round((performance.now() - began) / 1000) });
  await store.close();
  const { size } = await stat(file);
  tell({ name: 'size', bytes: size, beyondItsOwn: Math.round(size / count - certificateBytes) });
  const plain = new DatabaseSync(file);
  for (const pragma of ['quick_check', 'integrity_check']) {
    const from = performance.now();
    plain.exec(`PRAGMA ${pragma}`);
    tell({ name: pragma, ms: Math.round(performance.now() - from) });
  }
  plain.close();
  const again = await openSqliteStore({ file, clock });
  await measure(again);
  await again.close();
} finally {
  if (values.dir === undefined) await rm(dir, { recursive: true });
}
