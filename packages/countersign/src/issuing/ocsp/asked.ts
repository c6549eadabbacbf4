/** What a request asks for, by its bytes: most askers send the same ones again and again, and these are read once. */
import { isRefusal } from '../../ground/errors/index.ts';
import { type CertId, type CertIdHash, parseOcspRequest } from '../../identity/x509/index.ts';

export interface Asked {
  readonly certIds: readonly CertId[];
  /** Lower-case hexadecimal digits. */
  readonly nonce: string | undefined;
}

/** `undefined` for what is no request, or has a critical extension that is not known. */
export function readAsked(der: Uint8Array): Asked | undefined {
  try {
    const { requests, nonce, unprocessedCritical } = parseOcspRequest(der);
    if (unprocessedCritical.length > 0) return undefined;
    return { certIds: requests.map(({ certId }) => certId), nonce };
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

export function knownHash({ hashAlgorithm }: CertId): CertIdHash | undefined {
  switch (hashAlgorithm) {
    case 'SHA-1':
    case 'SHA-256':
    case 'SHA-384':
    case 'SHA-512':
      return hashAlgorithm;
    default:
      return undefined;
  }
}
