/** What is negotiated, each option given explicitly: neither Node's defaults nor the command line or environment decide any of it. */
import type { SecureContextOptions } from 'node:tls';

/** SSL_OP_NO_TICKET, SSL_OP_NO_COMPRESSION and SSL_OP_NO_RENEGOTIATION of OpenSSL's ssl.h; compared with node:crypto's in a test. */
export const opNoTicket: number = 2 ** 14;
export const opNoCompression: number = 2 ** 17;
export const opNoRenegotiation: number = 2 ** 30;

export type MinimumVersion = 'TLSv1.3' | 'TLSv1.2';

/** TLS 1.3's suites, then those of TLS 1.2 with forward secrecy and authenticated encryption: for servers with ECDSA or Ed25519 keys, and with RSA's. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

/** The hybrid with ML-KEM first, so that recorded traffic withstands a quantum computer; a share of X25519 goes along for those without it. */
const groups = '*X25519MLKEM768:*X25519:P-256:P-384:P-521';

/**
 * With which a peer may prove that it holds its key: whatever the second stage lets in, those of our own default first. RSA signs with PSS alone,
 * on TLS 1.2 too (RFC 8446, 4.2.3). ML-DSA is there on TLS 1.3 alone (draft-ietf-tls-mldsa), with the OpenSSL 3.5 that each supported Node has.
 */
const signatureAlgorithms = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pss_pss_sha256',
  'rsa_pss_pss_sha384',
  'rsa_pss_pss_sha512',
  'mldsa44',
  'mldsa65',
  'mldsa87',
].join(':');

/**
 * Tickets stay off: on both protocol versions a resumed session skips every check of the certificate. With renegotiation, on TLS 1.2,
 * a peer could change its certificate in mid-connection without an event.
 */
const secureOptions = opNoTicket | opNoRenegotiation | opNoCompression;

export const alpnProtocols: readonly string[] = ['http/1.1'];

export function contextProfile(minVersion: MinimumVersion): SecureContextOptions {
  return {
    minVersion,
    maxVersion: 'TLSv1.3',
    ciphers,
    ecdhCurve: groups,
    sigalgs: signatureAlgorithms,
    honorCipherOrder: true,
    secureOptions,
    // Nothing is resumed, so this says nothing; fixed because Node derives it from the command line.
    sessionIdContext: 'countersign',
    sessionTimeout: 1,
    allowPartialTrustChain: false,
  };
}
