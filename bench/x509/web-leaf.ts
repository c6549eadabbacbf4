/** A server's certificate of the public Web's usual making: domain validation, policies, where to ask for revocation, two SCTs. */
import {
  contextConstructed,
  contextPrimitive,
  encodeElement,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from 'countersign/encoding';
import { generatePrivateKey, randomBytes, sha256 } from 'countersign/cryptography';
import {
  authorityKeyIdentifierExtension,
  certificatePoliciesExtension,
  encodeName,
  encodeSigned,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  extensionOids,
  keyIdentifier,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from 'countersign/x509';

const signedCertificateTimestamps = '1.3.6.1.4.1.11129.2.4.2';
const domainValidated = '2.23.140.1.2.1';

/** DER. */
export function webLeaf(): Uint8Array {
  const [key, issuer] = [generatePrivateKey('P-256'), generatePrivateKey('P-384')];
  const dns = ['example.com', 'www.example.com', 'static.example.com', '*.shop.example.com'];
  const tbs = encodeTbsCertificate({
    serialNumber: Uint8Array.from(randomBytes(16), (octet, index) => (index === 0 ? (octet & 0x7f) | 0x40 : octet)),
    signatureAlgorithm: issuer.signatureAlgorithm,
    issuer: encodeName({ organization: 'Example Trust Services', commonName: 'E7' }),
    subject: encodeName({ commonName: 'example.com' }),
    notBefore: Date.UTC(2026, 5, 1),
    notAfter: Date.UTC(2026, 7, 30),
    publicKey: key.publicKey.raw,
    extensions: [
      keyUsageExtension(['digitalSignature']),
      extendedKeyUsageExtension([extendedKeyUsages.serverAuth, extendedKeyUsages.clientAuth]),
      plainExtension(extensionOids.basicConstraints, encodeSequence(), true),
      subjectKeyIdentifierExtension(keyIdentifier(key.publicKey.raw, sha256)),
      authorityKeyIdentifierExtension(keyIdentifier(issuer.publicKey.raw, sha256)),
      plainExtension(extensionOids.authorityInfoAccess, authorityInfoAccess('http://e7.i.example.net/')),
      subjectAltNameExtension({ dns }, false),
      certificatePoliciesExtension([domainValidated]),
      plainExtension(extensionOids.crlDistributionPoints, distributionPoint('http://e7.c.example.net/37.crl')),
      plainExtension(signedCertificateTimestamps, encodeOctetString(timestamps(2))),
    ],
  });
  return encodeSigned(tbs, issuer.signatureAlgorithm, issuer.sign(tbs));
}

function plainExtension(oid: string, value: Uint8Array, critical: boolean = false): Uint8Array {
  const flag = critical ? [encodeElement(0x01, Uint8Array.of(0xff))] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeOctetString(value));
}

/** The issuer's certificate (RFC 5280, 4.2.2.1). */
function authorityInfoAccess(uri: string): Uint8Array {
  return encodeSequence(encodeSequence(encodeOid('1.3.6.1.5.5.7.48.2'), uriName(uri)));
}

/** RFC 5280, 4.2.1.13. */
function distributionPoint(uri: string): Uint8Array {
  const fullName = encodeElement(contextConstructed(0), uriName(uri));
  return encodeSequence(encodeSequence(encodeElement(contextConstructed(0), fullName)));
}

function uriName(uri: string): Uint8Array {
  return encodeElement(contextPrimitive(6), new TextEncoder().encode(uri));
}

/** A SignedCertificateTimestampList (RFC 6962, 3.3) whose signatures are no signatures: who parses does not verify them. */
function timestamps(count: number): Uint8Array {
  const signature = encodeSequence(...[0, 1].map(() => encodeElement(0x02, Uint8Array.of(0x40, ...randomBytes(31)))));
  const timestamp = Uint8Array.of(
    0, // version 1
    ...randomBytes(32),
    ...[0, 0, 1, 0x9a, 0, 0, 0, 0], // the moment
    ...octets16(0), // extensions
    ...[4, 3], // SHA-256, ECDSA
    ...octets16(signature.length),
    ...signature,
  );
  const list = Array.from({ length: count }, () => [...octets16(timestamp.length), ...timestamp]).flat();
  return Uint8Array.of(...octets16(list.length), ...list);
}

function octets16(length: number): [number, number] {
  return [length >> 8, length & 0xff];
}
