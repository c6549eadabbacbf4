/** Chromium at a host without certificates beside one that requires them, on one port and under one certificate. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test, type TestContext } from 'node:test';
import { type Bank, openBank } from './partners/bank.ts';
import { type Browser, type BrowserHome, openBrowser } from './partners/browser.ts';
import { keystore, makeKeystore, password } from './partners/keystores.ts';

/** A machine may do without a browser, on CI too, and then says so. */
function missing(programs: readonly string[]): string | false {
  const absent = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (absent.length === 0) return false;
  const reason = `${absent.join(', ')} not installed: nothing was shown of browsers at a gateway`;
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}
const skip =
  (process.env['PARTNERS'] !== 'all' && '`npm run partners` runs it') ||
  missing(['chromium', 'certutil', 'pk12util', 'openssl', 'unshare']);
const mayMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

let bank: Bank;
before(async () => {
  if (skip !== false) return;
  bank = await openBank();
  await makeKeystore(bank, 'beta');
});
after(() => (skip === false ? bank.close() : undefined));

async function browser(t: TestContext, more: Partial<BrowserHome> = {}): Promise<Browser> {
  const path = bank.folder.in(t.name.replaceAll(/\W+/g, '-'));
  const opened = await openBrowser({ path, roots: bank.roots, ...more });
  t.after(() => opened.close());
  return opened;
}

const own = (): BrowserHome['own'] => ({ file: keystore(bank, 'beta'), password });
const url = (host: string): string => `https://${host}:${bank.port}/`;
const requestTo = (host: string): Promise<Record<string, unknown>> =>
  bank.next((event) => event['event'] === 'request' && event['host'] === host);

test('who has a certificate is not asked for it where none is wanted', { skip }, async (t) => {
  const page = await browser(t, { own: own() });
  const told = requestTo('www.test');
  // A choice of certificates would have held the page up.
  assert.equal(await page.open(url('www.test')), 'h2');
  const { peer, thumbprint, protocol, status } = await told;
  assert.deepEqual([peer, thumbprint, protocol, status], [undefined, undefined, 'HTTP/2.0', 200]);
});

test('a page of the open host reaches the other one over no connection of its own', { skip }, async (t) => {
  const page = await browser(t);
  assert.equal(await page.open(url('www.test')), 'h2');
  // One certificate names both, and Chromium opens a connection all the same; 421 is for who does not (RFC 9113, 9.1.1).
  const asked = bank.next(({ code }) => code === 'CS-PEER-001' || code === 'CS-TLS-012');
  const wanted = { mode: 'no-cors', credentials: 'include' };
  const fetched = `fetch('${url('portal.test')}', ${JSON.stringify(wanted)}).then(() => 'let in', String)`;
  assert.match(String(await page.evaluate(fetched)), /Failed to fetch/);
  assert.equal((await asked)['event'], 'refused');
  assert.equal(await page.open(url('portal.test')), 'net::ERR_BAD_SSL_CLIENT_AUTH_CERT');
});

test('a policy chooses the certificate', { skip: skip || (!mayMount && 'needs root') }, async (t) => {
  const pattern = `{"pattern":"https://portal.test:${bank.port}","filter":{}}`;
  const page = await browser(t, { own: own(), policy: { AutoSelectCertificateForUrls: [pattern] } });
  const told = requestTo('portal.test');
  assert.equal(await page.open(url('portal.test')), 'h2');
  const { partner, decision } = await told;
  assert.deepEqual([partner, decision], ['beta', 'allowed']);
});
