/** The certification request that every subject of the issuing scenarios is asked with. */
import { generatePrivateKey, type PrivateKey } from 'countersign/cryptography';
import { encodePem } from 'countersign/encoding';
import { encodeCertificationRequestInfo, encodeName, encodeSigned } from 'countersign/x509';

export interface MadeRequest {
  readonly privateKey: PrivateKey;
  readonly der: Uint8Array;
  readonly pem: string;
}

/** For a P-256 key. */
export function makeRequest(dns: string, uri?: string): MadeRequest {
  const privateKey = generatePrivateKey('P-256');
  const info = encodeCertificationRequestInfo({
    subject: encodeName({ commonName: dns }),
    publicKey: privateKey.publicKey.raw,
    subjectAltName: { dns: [dns], ...(uri === undefined ? {} : { uri: [uri] }) },
  });
  const der = encodeSigned(info, privateKey.signatureAlgorithm, privateKey.sign(info));
  return { privateKey, der, pem: encodePem('CERTIFICATE REQUEST', der) };
}
