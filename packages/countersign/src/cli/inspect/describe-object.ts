/** The objects that one block of an input holds, as data: one, or those of a PKCS#12 file. */
import { DerReader, tags, type PemBlock } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { readPublicKeyInfo } from '../../identity/x509/index.ts';
import { derKind } from '../input/der-kind.ts';
import { describeCertificate } from './describe-certificate.ts';
import type { DescribeContext } from './describe-context.ts';
import { describeKey } from './describe-key.ts';
import { describeOcspRequest, describeOcspResponse } from './describe-ocsp.ts';
import { describePkcs12 } from './describe-pkcs12.ts';
import { describePrivateKey, isPrivateKey } from './describe-private-key.ts';
import { describeRequest } from './describe-request.ts';
import { describeRevocationList } from './describe-revocation-list.ts';
import type { Described } from './described.ts';
import { rsaPublicKeyInfo } from './rsa-public-key.ts';

type Describe = (bytes: Uint8Array, context: DescribeContext) => Described;

const describers: ReadonlyMap<string, Describe> = new Map<string, Describe>([
  ['CERTIFICATE', describeCertificate],
  ['X509 CERTIFICATE', describeCertificate],
  // OpenSSL's own kind: a certificate, then for what it is trusted, which nobody else reads.
  ['TRUSTED CERTIFICATE', (bytes, context) => describeCertificate(firstElement(bytes), context)],
  ['CERTIFICATE REQUEST', describeRequest],
  ['NEW CERTIFICATE REQUEST', describeRequest],
  ['X509 CRL', (bytes, { now }) => describeRevocationList(bytes, now)],
  ['OCSP REQUEST', describeOcspRequest],
  ['OCSP RESPONSE', (bytes, { now }) => describeOcspResponse(bytes, now)],
  ['PUBLIC KEY', describePublicKey],
  ['RSA PUBLIC KEY', (bytes) => describePublicKey(rsaPublicKeyInfo(bytes))],
  // openssl ecparam writes them before the key; they say nothing that the key does not.
  ['EC PARAMETERS', () => ({ kind: 'key-parameters' })],
  ['DSA PARAMETERS', () => ({ kind: 'key-parameters' })],
  ['DH PARAMETERS', () => ({ kind: 'key-parameters' })],
  ['DSA PRIVATE KEY', () => ({ kind: 'private-key', type: 'DSA', usable: false })],
]);

export async function describeObjects(block: PemBlock, context: DescribeContext): Promise<readonly Described[]> {
  try {
    return await describe(block, context);
  } catch (error) {
    if (!isRefusal(error) || error.exit !== 1) throw error;
    throw mislabelled(block) ?? error;
  }
}

async function describe(block: PemBlock, context: DescribeContext): Promise<readonly Described[]> {
  const { label, bytes } = block;
  if (label === 'PKCS12') return describePkcs12(bytes, context);
  if (isPrivateKey(label)) {
    const encrypted = label === 'ENCRYPTED PRIVATE KEY';
    return [describePrivateKey(block, encrypted ? await context.passphrases.passphrase('the private key') : undefined)];
  }
  const describer = describers.get(label);
  if (describer !== undefined) return [describer(bytes, context)];
  throw new Refusal('CS-PEM-002', {
    expected: 'a certificate, request, key, revocation list or OCSP message',
    found: label,
  });
}

/** What does not read as its label says may be sound, and of another kind. */
function mislabelled({ label, bytes }: PemBlock): Refusal | undefined {
  try {
    const kind = derKind(bytes);
    return kind === undefined || label.endsWith(kind)
      ? undefined
      : new Refusal('CS-PEM-002', { expected: label, found: kind });
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function describePublicKey(bytes: Uint8Array): Described {
  const reader = DerReader.over(bytes);
  const key = readPublicKeyInfo(reader);
  reader.finish();
  return { kind: 'public-key', publicKey: describeKey(key) };
}

function firstElement(bytes: Uint8Array): Uint8Array {
  return DerReader.over(bytes).element(tags.sequence);
}
