/** Certificates as the command's tests want them: made by hand, valid by this machine's clock, in every form in which a file may hold them. */
import { encodePem, encodeSequence } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  basicConstraintsExtension,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyUsageExtension,
  subjectAltNameExtension,
  type GeneralNames,
  type KeyType,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { makeRequest as encodeRequest, hourMs, makeRoot, makeService, type Holder } from '../fixtures/certificates.ts';

export interface Made extends Holder {
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
  /** Absent: a new one. */
  readonly key?: Made['key'];
}

export function makeCertificate(wanted: Wanted): Made {
  const recipe = {
    key: wanted.key ?? generatePrivateKey(wanted.keyType ?? 'P-256'),
    subject: wanted.commonName,
    // The command under test is another process, and reads the machine's clock.
    notBefore: wanted.notBefore ?? Date.now() - hourMs,
    notAfter: wanted.notAfter ?? Date.now() + hourMs,
    extensions: extensionsOf(wanted),
  };
  const holder = wanted.issuer === undefined ? makeRoot(recipe) : makeService(wanted.issuer, recipe);
  const der = holder.certificate.raw;
  return { ...holder, der, pem: encodePem('CERTIFICATE', der) };
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
  const der = encodeRequest(generatePrivateKey('P-256'), names);
  return { der, pem: encodePem('CERTIFICATE REQUEST', der) };
}

/** DER that is well formed and yet nothing that we know. */
export const otherDer: Uint8Array = encodeSequence();
