/** The files of `countersign join` as Java has them: a PKCS#12 keystore made by OpenSSL, a truststore made by keytool, as docs/partners.md says. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { run } from '../peers.ts';
import { type Bank, callers, type Caller } from './bank.ts';

export const password = 'changeit';

async function made(program: string, args: readonly string[]): Promise<void> {
  const { status, out, err } = await run(program, args);
  assert.equal(status, 0, out + err);
}

export async function makeKeystores(bank: Bank): Promise<void> {
  await Promise.all(callers.map((caller) => makeKeystore(bank, caller)));
}

export async function makeKeystore(bank: Bank, caller: Caller): Promise<void> {
  const own = ['-in', bank.certificate(caller), '-inkey', bank.key(caller), '-name', caller];
  await made('openssl', ['pkcs12', '-export', ...own, '-out', keystore(bank, caller), '-passout', `pass:${password}`]);
}

export function keystore(bank: Bank, caller: Caller): string {
  return bank.folder.in(caller, 'own.p12');
}

export async function makeTruststore({ folder, roots }: Bank): Promise<string> {
  const file = folder.in('roots.p12');
  const store = ['-keystore', file, '-storetype', 'PKCS12', '-storepass', password];
  await made('keytool', ['-importcert', '-noprompt', '-alias', 'bank', '-file', roots, ...store]);
  return file;
}

/** With which the JVM finds every name at this machine. */
export async function makeHosts({ folder }: Bank, names: readonly string[]): Promise<string> {
  const file = folder.in('hosts');
  await writeFile(file, names.map((name) => `127.0.0.1 ${name}\n`).join(''));
  return file;
}
