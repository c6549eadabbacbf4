/** Notices that a partner's certificate ends: due once for each certificate and time, and signed where they are sent. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { manualClock } from '../../../ground/clock/index.ts';
import { toHex } from '../../../ground/encoding/index.ts';
import { hmacSha256 } from '../../../runtime/cryptography/index.ts';
import type { CertificateRecord } from '../../authority/index.ts';
import { dueNotices, type PartnerBook, type PartnerRecord, type ToldExpiry } from '../../partner-registry/index.ts';
import { sendWebhook } from './send-webhook.ts';

const dayMs = 86_400_000;

function registered(endsMs: readonly number[]) {
  const told = new Map<string, ToldExpiry>();
  const acme = { name: 'acme', state: 'active', invitedAtMs: 0, changedAtMs: 0 } as const;
  const record = (): PartnerRecord => ({
    ...acme,
    terms: { routes: '*', limits: {}, contacts: ['ops@acme.example'] },
    told: told.get('acme'),
  });
  const book = {
    page: async () => [record()],
    noteTold: async (notes: readonly ToldExpiry[]) => notes.forEach((note) => told.set(note.name, note)),
  } as unknown as PartnerBook;
  const records = endsMs.map((notAfterMs, at) => ({ serialNumber: String(at), notAfterMs }) as CertificateRecord);
  const inventory = { byName: async () => ({ records }) };
  const at = async (nowMs: number): Promise<readonly number[]> => {
    const asked = { book, inventory, trustDomain: 'bank.example', before: [30 * dayMs, 7 * dayMs], nowMs };
    return (await dueNotices(asked)).map(({ beforeMs }) => beforeMs / dayMs);
  };
  return { at, renew: (notAfterMs: number) => records.push({ serialNumber: 'next', notAfterMs } as CertificateRecord) };
}

test('each certificate is told of once at each time before its end', async () => {
  const { at } = registered([100 * dayMs]);
  assert.deepEqual(await at(69 * dayMs), []);
  assert.deepEqual(await at(70 * dayMs), [30]);
  assert.deepEqual(await at(71 * dayMs), []);
  assert.deepEqual(await at(93 * dayMs), [7]);
  assert.deepEqual(await at(94 * dayMs), []);
  assert.deepEqual(await at(101 * dayMs), [], 'it has ended');
});

test('whoever has renewed is not told of the one before, and is of the next one', async () => {
  const { at, renew } = registered([100 * dayMs]);
  assert.deepEqual(await at(95 * dayMs), [7], 'the nearest alone');
  renew(190 * dayMs);
  assert.deepEqual(await at(96 * dayMs), []);
  assert.deepEqual(await at(161 * dayMs), [30]);
});

test('a webhook is signed over its time and body', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const secretFile = join(dir, 'secret');
  await writeFile(secretFile, 'a secret of some length\n', { mode: 0o600 });
  const sent: { body: string; signature: string }[] = [];
  const fetch = (async (_url: unknown, init: RequestInit) => {
    sent.push({ body: init.body as string, signature: new Headers(init.headers).get('countersign-signature') ?? '' });
    return new Response(null, { status: 204 });
  }) as typeof globalThis.fetch;
  const notice = { partner: 'acme', serial: 'AB', notAfterMs: 0, beforeMs: dayMs, contacts: [] };
  await sendWebhook(
    notice,
    { url: 'https://hook.example/', secretFile },
    { clock: manualClock(5000), ended: new AbortController().signal, fetch },
  );
  const [{ body, signature } = { body: '', signature: '' }] = sent;
  const utf8 = new TextEncoder();
  assert.equal(
    signature,
    `t=5,v1=${toHex(hmacSha256(utf8.encode('a secret of some length'), utf8.encode(`5.${body}`)))}`,
  );
  assert.equal((JSON.parse(body) as Record<string, unknown>)['partner'], 'acme');
});

test(
  'a webhook that waits for its next try, or for an answer, ends with the authority',
  { timeout: 20_000 },
  async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
    t.after(() => rm(dir, { recursive: true, force: true }));
    const secretFile = join(dir, 'secret');
    await writeFile(secretFile, 'a secret of some length\n', { mode: 0o600 });
    const notice = { partner: 'acme', serial: 'AB', notAfterMs: 0, beforeMs: dayMs, contacts: [] };
    const webhook = { url: 'https://hook.example/', secretFile };
    for (const answer of ['none', '503']) {
      const clock = manualClock(5000);
      const end = new AbortController();
      const asked = Promise.withResolvers<undefined>();
      const fetch = (async (_url: unknown, { signal }: RequestInit) => {
        asked.resolve(undefined);
        if (answer === '503') return new Response(null, { status: 503 });
        await once(signal ?? end.signal, 'abort');
        throw new Error('aborted');
      }) as typeof globalThis.fetch;
      const sending = sendWebhook(notice, webhook, { clock, ended: end.signal, fetch });
      await asked.promise;
      while (answer === '503' && clock.pending === 0) await new Promise(setImmediate);
      end.abort();
      await sending;
      assert.equal(clock.pending, 0, answer);
    }
  },
);
