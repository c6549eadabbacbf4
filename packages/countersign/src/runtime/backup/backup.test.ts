import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { randomBytes } from '../cryptography/index.ts';
import { type BackedUpFile, readBackup, writeBackup } from './index.ts';

const passphrase = 'a passphrase of a test';

interface Made {
  readonly out: string;
  readonly dir: string;
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

async function made(t: TestContext, sizes: Readonly<Record<string, number>>): Promise<Made> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(dir, { recursive: true }));
  const contents = new Map<string, Uint8Array>();
  for (const [path, size] of Object.entries(sizes)) {
    contents.set(path, randomBytes(size));
    await writeFile(join(dir, path.replaceAll('/', '-')), contents.get(path) ?? '');
  }
  const files = [...contents.keys()].map((path) => ({ path, source: join(dir, path.replaceAll('/', '-')) }));
  const out = join(dir, 'out.backup');
  await writeBackup({ out, passphrase, createdAtMs: 7, log2Cost: 14, files });
  return { out, dir, contents };
}

async function unpacked(file: string, by = passphrase): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const parts: Uint8Array[] = [];
  const sink = async ({ path }: BackedUpFile) => ({
    write: async (bytes: Uint8Array) => void parts.push(bytes),
    end: async () => void found.set(path, new Uint8Array(Buffer.concat(parts.splice(0)))),
  });
  await readBackup({ file, passphrase: by, sink });
  return found;
}

async function flip(file: string, position: number): Promise<void> {
  const handle = await open(file, 'r+');
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, position);
  await handle.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, position);
  await handle.close();
}

test('files come back as they were, whatever their sizes, and nothing of them can be read in the backup', async (t) => {
  const all: Readonly<Record<string, number>>[] = [
    { 'authority/root.pem': 10, 'authority.db': 300_000, 'authority.yaml': 0 },
    { 'authority.db': 65_536 },
    { 'authority.db': 0 },
  ];
  for (const sizes of all) {
    const { out, contents } = await made(t, sizes);
    assert.deepEqual(await unpacked(out), contents);
    assert.equal((await stat(out)).mode & 0o777, 0o600);
    const sealed = await readFile(out);
    assert.equal(sealed.includes('authority'), false);
    for (const bytes of contents.values())
      assert.ok(bytes.length < 10 || !sealed.includes(Buffer.from(bytes.subarray(0, 10))));
  }
});

test('another passphrase opens nothing', async (t) => {
  const { out } = await made(t, { 'authority.db': 10 });
  await assert.rejects(unpacked(out, 'another passphrase'), { code: 'CS-BACKUP-002', evidence: { file: out } });
});

test('a passphrase is the same however its letters are composed', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(dir, { recursive: true }));
  const out = join(dir, 'out');
  await writeBackup({ out, passphrase: 'gr\u00fcn gr\u00fcn gr\u00fcn', createdAtMs: 7, log2Cost: 14, files: [] });
  assert.equal((await readBackup({ file: out, passphrase: 'gru\u0308n gru\u0308n gru\u0308n' })).createdAtMs, 7);
});

test('each flipped bit, each cut and each addition is noticed', async (t) => {
  const { out } = await made(t, { 'authority.db': 200_000 });
  const { size } = await stat(out);
  const whole = await readFile(out);
  const expected: [position: number, code: string][] = [
    [0, 'CS-BACKUP-001'],
    [16, 'CS-BACKUP-001'],
    [20, 'CS-BACKUP-001'],
    [30, 'CS-BACKUP-002'],
    [70, 'CS-BACKUP-002'],
    [88, 'CS-BACKUP-003'],
    [100_000, 'CS-BACKUP-003'],
    [size - 1, 'CS-BACKUP-003'],
  ];
  for (const [position, code] of expected) {
    await flip(out, position);
    await assert.rejects(unpacked(out), { code }, `octet ${String(position)}`);
    await writeFile(out, whole);
  }
  const piece = 65_536 + 16;
  for (const [length, where] of [
    [88 + 2 * piece, 'its end, which is missing'],
    [88, 'its end, which is missing'],
    [size - 1, `octet ${String(88 + 3 * piece)} and what follows`],
  ] as const) {
    await truncate(out, length);
    await assert.rejects(unpacked(out), { code: 'CS-BACKUP-003', evidence: { file: out, where } });
    await writeFile(out, whole);
  }
  await truncate(out, 40);
  await assert.rejects(unpacked(out), { code: 'CS-BACKUP-001' });
  await writeFile(out, Buffer.concat([whole, Buffer.alloc(1)]));
  await assert.rejects(unpacked(out), { code: 'CS-BACKUP-003' });
  // Two pieces exchanged.
  const [a, b] = [whole.subarray(88, 88 + piece), whole.subarray(88 + piece, 88 + 2 * piece)];
  await writeFile(out, Buffer.concat([whole.subarray(0, 88), b, a, whole.subarray(88 + 2 * piece)]));
  await assert.rejects(unpacked(out), { code: 'CS-BACKUP-003' });
});

test('no file is replaced, and a backup that fails leaves nothing', async (t) => {
  const { out, dir } = await made(t, { 'authority.db': 10 });
  const before = await readFile(out);
  const files = [{ path: 'authority.db', source: join(dir, 'authority.db') }];
  await assert.rejects(writeBackup({ out, passphrase, createdAtMs: 8, log2Cost: 14, files }), {
    code: 'CS-BACKUP-006',
  });
  assert.deepEqual(await readFile(out), before);
  const missing = [{ path: 'authority.db', source: join(dir, 'none') }];
  await assert.rejects(
    writeBackup({ out: join(dir, 'other'), passphrase, createdAtMs: 8, log2Cost: 14, files: missing }),
    {
      code: 'CS-FILE-001',
    },
  );
  const upwards = [{ path: '../authority.db', source: join(dir, 'authority.db') }];
  await assert.rejects(
    writeBackup({ out: join(dir, 'other'), passphrase, createdAtMs: 8, log2Cost: 14, files: upwards }),
    {
      code: 'CS-BACKUP-005',
    },
  );
  await assert.rejects(stat(join(dir, 'other')));
});
