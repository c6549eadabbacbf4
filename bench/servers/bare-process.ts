/** The process of the bare server: `node bare-process.ts FOLDER PORT [h2]`. */
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureServer, type SecureServerOptions } from 'node:http2';
import { createServer } from 'node:https';
import { join } from 'node:path';

const [, , folder = '.', port = '0', protocol] = process.argv;
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** Those of the chain above the server's own certificate. */
const intermediates = text('cert.pem')
  .split(/(?=-----BEGIN)/)
  .slice(1);

/** What our endpoints tell node:tls, typed out: what that costs is no cost of ours. */
const options = {
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
} satisfies SecureServerOptions;
const server =
  protocol === 'h2'
    ? createSecureServer(options, (_request, response) => response.end('ok'))
    : // As ours keeps idle connections, and small answers go at once.
      createServer(
        { ...options, ALPNProtocols: ['http/1.1'], noDelay: true, keepAliveTimeout: 60_000 },
        (_request, response) => {
          response.end('ok');
        },
      );
server.listen(Number(port), '127.0.0.1');
