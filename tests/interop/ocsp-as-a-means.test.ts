/** An endpoint's OCSP asks `openssl ocsp` as the responder: good, revoked and unknown; and staples what it says. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  extendedKeyUsageExtension,
  extendedKeyUsages,
  ocspNoCheckExtension,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { fixedSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import {
  keepStaple,
  type OcspOptions,
  openOcsp,
} from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import { freePort } from '../fixtures/free-port.ts';
import { temporaryFolder } from '../e2e/command.ts';
import { type Holder, hourMs, makeRoot, makeService } from '../fixtures/certificates.ts';
import { environment, missing } from './peers.ts';

const skip = missing('openssl');

/** OpenSSL looks at the machine's clock. */
const now = Math.floor(Date.now() / 1000) * 1000;
const valid = { notBefore: now - hourMs, notAfter: now + hourMs };
const root = makeRoot({ subject: 'interop ocsp', ...valid });
const responder = makeService(root, {
  subject: 'interop responder',
  extensions: [extendedKeyUsageExtension([extendedKeyUsages.OCSPSigning]), ocspNoCheckExtension()],
  ...valid,
});
const [good, revoked, unknown] = [0, 1, 2].map(() => makeService(root, valid)) as [Holder, Holder, Holder];

/** As `openssl ca` keeps its index: status, end, end of validity by revocation, serial, file, subject. */
function index(): string {
  const time = (ms: number): string => `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`;
  const line = (status: string, at: string, { certificate }: Holder): string =>
    [status, time(valid.notAfter), at, certificate.serialNumber, 'unknown', '/CN=any'].join('\t');
  return `${line('V', '', good)}\n${line('R', `${time(now - 60_000)},keyCompromise`, revoked)}\n`;
}

async function startOpenssl(t: TestContext): Promise<string> {
  const folder = await temporaryFolder();
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(folder.in(name), text, { mode: 0o600 });
    return folder.in(name);
  };
  const port = await freePort();
  const child = spawn(
    'openssl',
    [
      ...['ocsp', '-port', String(port), '-index', await file('index.txt', index()), '-nmin', '10', '-text'],
      ...['-CA', await file('root.pem', encodePem('CERTIFICATE', root.certificate.raw))],
      ...['-rsigner', await file('responder.pem', encodePem('CERTIFICATE', responder.certificate.raw))],
      ...['-rkey', await file('responder.key', responder.key.toPem())],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: environment() },
  );
  t.after(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await folder.remove();
  });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/waiting for OCSP client connections/i.test(said)) resolve();
    });
    child.once('exit', () => reject(new Error(`openssl ocsp ended: ${said}`)));
  });
  return `http://127.0.0.1:${port}`;
}

async function statusOf(holder: Holder, url: string, options: Partial<OcspOptions> = {}): Promise<string> {
  const check = openOcsp({ clock: systemClock, responder: url, privateRanges: 'allow', ...options });
  const path = { certificates: [holder.certificate, root.certificate], anchor: root.certificate };
  const question = { path, trustDomain: 'test.example', at: Date.now() };
  await check.fetchFor(question, new AbortController().signal);
  const [status] = check.ask({ ...question, at: Date.now() });
  check.close();
  return status !== undefined && 'refusal' in status
    ? `${status.status} ${status.refusal.code} ${String(status.refusal.evidence['reason'] ?? '')}`.trim()
    : String(status?.status);
}

test(
  'openssl ocsp answers: good, revoked and unknown, by GET and POST, by each hash, with a nonce',
  { skip },
  async (t) => {
    const url = await startOpenssl(t);
    const ways: Partial<OcspOptions>[] = [{}, { method: 'POST' }, { hash: 'SHA-256' }, { nonce: true }];
    for (const way of ways) {
      assert.equal(await statusOf(good, url, way), 'good', JSON.stringify(way));
      assert.equal(await statusOf(revoked, url, way), 'revoked CS-OCSP-020 keyCompromise', JSON.stringify(way));
      assert.equal(await statusOf(unknown, url, way), 'revoked CS-OCSP-009', JSON.stringify(way));
    }
    const staple = keepStaple({
      credentials: fixedSource({ chain: [good.certificate.raw], privateKey: good.key }),
      issuers: () => [root.certificate],
      clock: systemClock,
      responder: url,
      privateRanges: 'allow',
    });
    const bytes = await new Promise<Uint8Array | undefined>((resolve) => staple.watch(resolve));
    staple.close();
    const check = openOcsp({ clock: systemClock });
    const path = { certificates: [good.certificate, root.certificate], anchor: root.certificate };
    const [status] = check.ask({ path, trustDomain: 'test.example', at: Date.now(), staple: bytes });
    check.close();
    assert.equal(status?.status, 'good');
  },
);
