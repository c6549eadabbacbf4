/** The answer of an authority above: certificates as PEM, DER or PKCS#7, or PKCS#12, which may bring a key. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import {
  type Certificate,
  encodePrivateKeyInfo,
  ownFileLimits,
  parseCertificate,
  parsePkcs12,
  type Pkcs12,
} from '../../identity/x509/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { parsePrivateKey, passwordCryptography, type PrivateKey } from '../../runtime/cryptography/index.ts';
import type { World } from '../call.ts';
import { cryptoObjects } from '../input/crypto-objects.ts';
import type { KeyPassphrase } from '../input/key-passphrase.ts';
import { readInput } from '../input/read-input.ts';

export interface Answer {
  readonly certificates: readonly Certificate[];
  readonly privateKey?: PrivateKey;
}

export async function readAnswer(files: readonly string[], world: World, passphrase: KeyPassphrase): Promise<Answer> {
  const answers = [];
  for (const file of files) answers.push(await readOne(file, world, passphrase));
  const certificates = answers.flatMap((answer) => answer.certificates);
  const privateKey = answers.find((answer) => answer.privateKey !== undefined)?.privateKey;
  if (certificates.length === 0)
    throw new Refusal('CS-PEM-002', { expected: 'CERTIFICATE', found: `none in ${files.join(', ')}` });
  return privateKey === undefined ? { certificates } : { certificates, privateKey };
}

async function readOne(file: string, world: World, passphrase: KeyPassphrase): Promise<Answer> {
  const certificates: Certificate[] = [];
  let privateKey: PrivateKey | undefined;
  for (const { label, bytes } of cryptoObjects(await readInput(file, world), file)) {
    if (label === 'CERTIFICATE') certificates.push(parseCertificate(bytes));
    else if (label === 'PKCS12') {
      const answer = fromPkcs12(await openPkcs12(bytes, file, passphrase));
      certificates.push(...answer.certificates);
      privateKey ??= answer.privateKey;
    }
    // PKCS#7 may bring revocation lists, which say nothing of an issuer that is new.
    else if (label !== 'X509 CRL') throw new Refusal('CS-PEM-002', { expected: 'CERTIFICATE', found: label });
  }
  return privateKey === undefined ? { certificates } : { certificates, privateKey };
}

function fromPkcs12({ items }: Pkcs12): Answer {
  const certificates = items.flatMap((item) => (item.kind === 'certificate' ? [parseCertificate(item.der)] : []));
  const [key] = items.flatMap((item) => (item.kind === 'key' ? [item.key] : []));
  if (key === undefined) return { certificates };
  return { certificates, privateKey: parsePrivateKey(encodePem('PRIVATE KEY', encodePrivateKeyInfo(key))) };
}

/** One without a MAC is refused: anybody can have put a key into it. No passphrase and an empty one are tried before anybody is asked. */
async function openPkcs12(bytes: Uint8Array, file: string, passphrase: KeyPassphrase): Promise<Pkcs12> {
  const open = (password: string | null): Pkcs12 =>
    parsePkcs12(bytes, passwordCryptography, { password, ...ownFileLimits });
  for (const password of [null, '']) {
    try {
      return open(password);
    } catch (error) {
      if (!isRefusal(error) || error.code !== 'CS-PKCS-001') throw error;
    }
  }
  const given = await passphrase.opening(file);
  if (given !== undefined) return open(given.text);
  throw new Refusal('CS-PKCS-002', {
    object: `${file}: --pkcs12-passphrase-file FILE, or COUNTERSIGN_PKCS12_PASSPHRASE`,
  });
}
