/** Certificates made by hand, for what no authority of ours would issue: any names, dates and usages. */
import { encodePem, encodeSequence } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  basicConstraintsExtension,
  encodeCertificationRequestInfo,
  encodeName,
  encodeSigned,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyUsageExtension,
  subjectAltNameExtension,
  type GeneralNames,
  type KeyType,
} from '../../packages/countersign/src/identity/x509/index.ts';
import {
  generatePrivateKey,
  randomBytes,
  type PrivateKey,
} from '../../packages/countersign/src/runtime/cryptography/index.ts';

export interface Made {
  readonly key: PrivateKey;
  readonly name: Uint8Array;
  readonly der: Uint8Array;
  readonly pem: string;
}

export interface Wanted {
  readonly commonName: string;
  /** Absent: it signs itself. */
  readonly issuer?: Made;
  readonly authority?: boolean;
  readonly names?: Partial<GeneralNames>;
  readonly purposes?: readonly ('clientAuth' | 'serverAuth')[];
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly keyType?: KeyType;
}

const hour = 3_600_000;

export function makeCertificate(wanted: Wanted): Made {
  const key = generatePrivateKey(wanted.keyType ?? 'P-256');
  const name = encodeName({ commonName: wanted.commonName });
  const signer = wanted.issuer?.key ?? key;
  const tbs = encodeTbsCertificate({
    serialNumber: Uint8Array.of(1, ...randomBytes(15)),
    signatureAlgorithm: signer.signatureAlgorithm,
    issuer: wanted.issuer?.name ?? name,
    subject: name,
    notBefore: wanted.notBefore ?? Date.now() - hour,
    notAfter: wanted.notAfter ?? Date.now() + hour,
    publicKey: key.publicKey.raw,
    extensions: extensionsOf(wanted),
  });
  const der = encodeSigned(tbs, signer.signatureAlgorithm, signer.sign(tbs));
  return { key, name, der, pem: encodePem('CERTIFICATE', der) };
}

function extensionsOf({ authority = false, names, purposes }: Wanted): Uint8Array[] {
  return [
    basicConstraintsExtension({ ca: authority }),
    keyUsageExtension(authority ? ['keyCertSign'] : ['digitalSignature']),
    ...(names === undefined ? [] : [subjectAltNameExtension(names, false)]),
    ...(purposes === undefined
      ? []
      : [extendedKeyUsageExtension(purposes.map((purpose) => extendedKeyUsages[purpose]))]),
  ];
}

export function makeRequest(names: Partial<GeneralNames>): { pem: string; der: Uint8Array } {
  const key = generatePrivateKey('P-256');
  const fields = {
    subject: encodeName({}),
    publicKey: key.publicKey.raw,
    subjectAltName: { dns: [], uri: [], ip: [], other: [], ...names },
  };
  const info = encodeCertificationRequestInfo(fields);
  const der = encodeSigned(info, key.signatureAlgorithm, key.sign(info));
  return { der, pem: encodePem('CERTIFICATE REQUEST', der) };
}

/** DER that is well formed and yet nothing that we know. */
export const otherDer: Uint8Array = encodeSequence();
