/** The next issuer of an authority whose root lies in its directory: a key that waits, and the certificate for it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem, parsePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  parseCertificationRequest,
  parseNameText,
  readCertificatesPem,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { certifyIssuer } from '../../packages/countersign/src/issuing/authority/index.ts';
import { requestIssuer } from '../../packages/countersign/src/issuing/server/index.ts';
import { parsePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';

export function keyFile(dir: string, name: string): Promise<string> {
  return readFile(join(dir, 'authority', name), 'utf8');
}

/** Makes the key, and answers the certificate, PEM. */
export async function waitingIssuer(dir: string): Promise<string> {
  const { request } = await requestIssuer({ dir, passphrase: undefined });
  return certified(dir, parseCertificationRequest(parsePem(request)[0]!.bytes).publicKey.raw);
}

/** What the root says to any key, PEM. */
export async function certified(dir: string, publicKey: Uint8Array): Promise<string> {
  const [certificate] = readCertificatesPem(await keyFile(dir, 'root.pem'));
  const root = { certificate: certificate!, privateKey: parsePrivateKey(await keyFile(dir, 'root.key.pem')) };
  const subject = parseNameText('CN=Next issuer').raw;
  const order = { trustDomain: 'dev.internal', subject, publicKey, clock: systemClock };
  return encodePem('CERTIFICATE', certifyIssuer(root, order).raw);
}
