/** A private key of the authority in a file of mode 0600, under a passphrase or not. */
import { parsePem } from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { ownFileLimits } from '../../../identity/x509/index.ts';
import { readPrivateFile } from '../../../runtime/config/index.ts';
import { parsePrivateKey, type PrivateKey } from '../../../runtime/cryptography/index.ts';
import { damagedState, inStateFile } from './damaged-state.ts';
import type { GivenPassphrase, KeyPassphrases } from './passphrases.ts';

const encryptedLabel = 'ENCRYPTED PRIVATE KEY';

export interface ReadKey {
  readonly privateKey: PrivateKey;
  readonly encrypted: boolean;
}

export async function readKeyFile(path: string, passphrases: KeyPassphrases): Promise<ReadKey> {
  const pem = await readPrivateFile(path);
  return openKeyText(path, pem, passphrases);
}

/** @param path where the text is from, for refusals */
export async function openKeyText(path: string, pem: string, passphrases: KeyPassphrases): Promise<ReadKey> {
  if (!isEncrypted(path, pem)) return { privateKey: inStateFile(path, () => parsePrivateKey(pem)), encrypted: false };
  let passphrase = await passphrases.opening(path);
  if (passphrase === undefined) throw new Refusal('CS-PASS-002', { file: path });
  for (;;) {
    try {
      return { privateKey: decrypted(path, pem, passphrase), encrypted: true };
    } catch (error) {
      if (!isRefusal(error) || error.code !== 'CS-PASS-001') throw error;
      const other = await passphrases.opening(path, passphrase);
      if (other === undefined) throw error;
      passphrase = other;
    }
  }
}

function isEncrypted(path: string, pem: string): boolean {
  const blocks = inStateFile(path, () => parsePem(pem));
  if (blocks.length === 0) throw damagedState(path, 'it holds no key in PEM');
  return blocks.some(({ label }) => label === encryptedLabel);
}

/** Nothing tells a wrong passphrase from a changed file; the first is what happens. */
function decrypted(path: string, pem: string, { text, from }: GivenPassphrase): PrivateKey {
  try {
    return parsePrivateKey(pem, { passphrase: text, ...ownFileLimits });
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-PKCS-001') {
      throw new Refusal('CS-PASS-001', { file: path, given: from }, { cause: error });
    }
    return inStateFile(path, () => {
      throw error;
    });
  }
}

/**
 * scrypt with N = 2^14, r = 8, p = 5: what OWASP asks at least, near 0.2 s and 16 MiB; a start reads one key. Other than PBKDF2 it takes memory from
 * whoever guesses in parallel.
 */
export function keyText(privateKey: PrivateKey, passphrase: GivenPassphrase | undefined): string {
  if (passphrase === undefined) return privateKey.toPem();
  requirePassphrase(passphrase);
  return privateKey.toEncryptedPem(passphrase.text, { kdf: 'scrypt' });
}

export function requirePassphrase({ text, from }: GivenPassphrase): void {
  if (text === '') throw new Refusal('CS-PASS-003', { given: from });
}
