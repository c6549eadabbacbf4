/** What our endpoints tell node:tls, typed out: what that costs is no cost of ours. */
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureServerOptions } from 'node:http2';
import { join } from 'node:path';

/** @param folder with the files of `startTlsServer` */
export function bareOptions(folder: string): SecureServerOptions {
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  // Those of the chain above the server's own certificate.
  const intermediates = text('cert.pem')
    .split(/(?=-----BEGIN)/)
    .slice(1);
  return {
    cert: text('cert.pem'),
    key: text('key.pem'),
    ca: [text('root.pem'), ...intermediates],
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers:
      'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:' +
      'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:' +
      'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256',
    honorCipherOrder: true,
    // The client's offer decides among the groups; no session ticket is written.
    ecdhCurve: '*X25519MLKEM768:*X25519:P-256:P-384:P-521',
    sigalgs:
      'ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512:ed25519:rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:' +
      'rsa_pss_rsae_sha512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:mldsa44:mldsa65:mldsa87',
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    handshakeTimeout: 10_000,
  };
}
