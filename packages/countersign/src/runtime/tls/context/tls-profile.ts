/** What is negotiated, each option given explicitly: neither Node's defaults nor the command line or environment decide any of it. */
import type { SecureContextOptions } from 'node:tls';

/** SSL_OP_NO_TICKET, SSL_OP_NO_COMPRESSION and SSL_OP_NO_RENEGOTIATION of OpenSSL's ssl.h; compared with node:crypto's in a test. */
export const opNoTicket: number = 2 ** 14;
export const opNoCompression: number = 2 ** 17;
export const opNoRenegotiation: number = 2 ** 30;

export type MinimumVersion = 'TLSv1.3' | 'TLSv1.2';

/** TLS 1.3's suites, then those of TLS 1.2 with forward secrecy and authenticated encryption for our kinds of keys. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
].join(':');

/** The hybrid with ML-KEM first, so that recorded traffic withstands a quantum computer; a share of X25519 goes along for those without it. */
const groups = '*X25519MLKEM768:*X25519:P-256:P-384';

/**
 * Those of our keys; and RSA's, which the second stage never lets in: a stranger with an RSA certificate is then refused for
 * what it is, and not as one "without a certificate" because it found no algorithm in common.
 */
const signatureAlgorithms = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
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
