/** What node:tls and OpenSSL say of a failed handshake, in the codes of the registry. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { WhatCame } from './what-came.ts';

/** OpenSSL's verdicts on a certificate (X509_V_ERR_*), as node:tls spells them, of which more is said than "not acceptable". */
const verdicts: ReadonlyMap<string, Verdict> = new Map([
  ['UNABLE_TO_GET_ISSUER_CERT', 'another authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'another authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'another authority'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'another authority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'another authority'],
  ['CERT_SIGNATURE_FAILURE', 'another authority'],
  ['CERT_UNTRUSTED', 'another authority'],
  ['CERT_HAS_EXPIRED', 'expired'],
  ['CERT_NOT_YET_VALID', 'not yet valid'],
  ['INVALID_PURPOSE', 'wrong usage'],
  ['EE_KEY_TOO_SMALL', 'too weak'],
  ['CA_KEY_TOO_SMALL', 'too weak'],
  ['CA_MD_TOO_WEAK', 'too weak'],
]);

type Verdict = 'another authority' | 'expired' | 'not yet valid' | 'wrong usage' | 'too weak';

/** All the other verdicts have these beginnings or are these words. */
const otherVerdict =
  /^(?:CERT_|INVALID_|PATH_LENGTH_|ERROR_IN_CERT_|UNABLE_TO_|AKID_|CA_|EE_|HOSTNAME_|UNSPECIFIED$|OUT_OF_MEM$)/;

/** The refusal for a verdict of OpenSSL on the peer's certificate; `undefined` where `code` is no verdict. */
export function certificateRefusal(code: string, subject: string): Refusal | undefined {
  const evidence = { subject, reason: code };
  switch (verdicts.get(code)) {
    case 'another authority':
      return new Refusal('CS-PEER-002', evidence);
    case 'expired':
      return new Refusal('CS-PEER-003', evidence);
    case 'not yet valid':
      return new Refusal('CS-PEER-004', evidence);
    case 'wrong usage':
      return new Refusal('CS-PEER-012', evidence);
    case 'too weak':
      return new Refusal('CS-PEER-011', { reason: code });
    case undefined:
      return otherVerdict.test(code) ? new Refusal('CS-PEER-006', evidence) : undefined;
  }
}

/**
 * The peer's own proof of possession failed: CertificateVerify (RFC 8446, 4.4.3) or its kin in TLS 1.2. Of RSA each wrong octet of the padding has a name of its
 * own, and nothing else in a handshake is RSA's: no key exchange, and certificates have verdicts.
 */
const possessionErrors = new Set([
  'ERR_SSL_BAD_SIGNATURE',
  'ERR_SSL_PROVIDER_SIGNATURE_FAILURE',
  // Signed with a key of another kind than the certificate's.
  'ERR_SSL_WRONG_CURVE',
  'ERR_SSL_WRONG_SIGNATURE_TYPE',
  'ERR_SSL_WRONG_SIGNATURE_SIZE',
  // The same of a server on TLS 1.2, where the suite that it chose says the kind of key.
  'ERR_SSL_WRONG_CERTIFICATE_TYPE',
]);

const noCertificateErrors = new Set([
  'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
]);

const versionErrors = new Set([
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
  'ERR_SSL_WRONG_SSL_VERSION',
  // Hellos of SSL 3.0 and 2.0.
  'ERR_SSL_VERSION_TOO_LOW',
  'ERR_SSL_UNKNOWN_PROTOCOL',
]);

/** What came is no record of TLS. */
const noTlsErrors = new Set(['ERR_SSL_HTTP_REQUEST', 'ERR_SSL_HTTPS_PROXY_REQUEST', 'ERR_SSL_WRONG_VERSION_NUMBER']);

/** What the network says of a connection that the other side gave up. */
const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT']);

const algorithmErrors = new Set([
  'ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS',
  'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM',
  'ERR_SSL_UNKNOWN_CERTIFICATE_TYPE',
]);

export interface HandshakeFailure {
  readonly error: unknown;
  /** The other side's address, as evidence. */
  readonly address: string;
  /** The own minimum, as evidence. */
  readonly minVersion: string;
  /** What the other side sent first, where this side is the server. */
  readonly came?: WhatCame | undefined;
}

/** The refusal for an error of the handshake itself; always one, since a failed handshake is refused whatever it was. */
export function handshakeRefusal({ error, address, minVersion, came }: HandshakeFailure): Refusal {
  // Of a callback of our own.
  if (isRefusal(error)) return error;
  const code = codeOf(error);
  const options = { cause: error };
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') return new Refusal('CS-PEER-001', { address }, options);
  if (possessionErrors.has(code) || isOfLibrary(error, 'rsa routines'))
    return new Refusal('CS-PEER-005', { address, reason: code }, options);
  if (versionErrors.has(code)) {
    const offered = came?.name ?? 'not known';
    return new Refusal('CS-TLS-004', { address, minimum: minVersion, offered }, options);
  }
  if (algorithmErrors.has(code)) return new Refusal('CS-PEER-011', { reason: code }, options);
  if (noTlsErrors.has(code)) return noTls({ code, address, came }, options);
  if (came !== undefined && brokenOff.has(code))
    return new Refusal('CS-TLS-017', { address, reason: `${code}, sent before: ${came.name}` }, options);
  if (isUnreadableCertificate(error, code))
    return new Refusal('CS-PEER-006', { subject: 'not readable', reason: code }, options);
  const refused = certificateRefusal(code, 'not read');
  if (refused !== undefined) return refused;
  if (noCertificateErrors.has(code) || code.includes('_ALERT_')) {
    return new Refusal('CS-TLS-003', { address, reason: code }, options);
  }
  return new Refusal('CS-TLS-001', { address, reason: code }, options);
}

/** Nothing else in a handshake is ASN.1; a signature that is none counts as a bad one. */
function isUnreadableCertificate(error: unknown, code: string): boolean {
  if (code === 'ERR_SSL_CERT_LENGTH_MISMATCH') return true;
  return isOfLibrary(error, 'asn1 encoding routines');
}

function isOfLibrary(error: unknown, library: string): boolean {
  return error instanceof Error && 'library' in error && error.library === library;
}

function noTls(
  { code, address, came }: { code: string; address: string; came: WhatCame | undefined },
  options: { cause: unknown },
): Refusal {
  const seen = came === undefined || came.kind === 'not looked at' ? seenByOpenssl(code) : came;
  return new Refusal(seen.kind === 'http' ? 'CS-TLS-010' : 'CS-TLS-011', { address, reason: seen.name }, options);
}

/** OpenSSL knows a request of HTTP/1 by its method, and nothing else. */
function seenByOpenssl(code: string): WhatCame {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return { kind: 'another protocol', name: code };
  return { kind: 'http', name: `HTTP/1 (${code})` };
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no code';
}
