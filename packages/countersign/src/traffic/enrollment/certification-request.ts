/** A certification request for names, signed by the key that the certificate shall be for (RFC 2986). */
import { encodePem } from '../../ground/encoding/index.ts';
import {
  encodeCertificationRequestInfo,
  encodeName,
  encodeSigned,
  type GeneralNames,
  parseIpAddress,
} from '../../identity/x509/index.ts';
import type { PrivateKey } from '../../runtime/cryptography/index.ts';

export interface SignedRequest {
  readonly der: Uint8Array;
  readonly pem: string;
}

/** The subject is empty: names of services are subject alternative names, and nothing else is looked at. */
export function signRequest(names: readonly string[], privateKey: PrivateKey): SignedRequest {
  const info = encodeCertificationRequestInfo({
    subject: encodeName({}),
    publicKey: privateKey.publicKey.raw,
    subjectAltName: sorted(names),
  });
  const der = encodeSigned(info, privateKey.signatureAlgorithm, privateKey.sign(info));
  return { der, pem: encodePem('CERTIFICATE REQUEST', der) };
}

function sorted(names: readonly string[]): Partial<GeneralNames> {
  const uri = names.filter((name) => name.includes('://'));
  const ip = names.filter((name) => parseIpAddress(name) !== undefined);
  const email = names.filter((name) => name.includes('@') && !uri.includes(name));
  const others = [...uri, ...ip, ...email];
  return { dns: names.filter((name) => !others.includes(name)), uri, ip, email };
}
