/** The process of the bare server: `node bare-process.ts FOLDER PORT [h2]`. */
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import { join } from 'node:path';

const [, , folder = '.', port = '0', protocol] = process.argv;
const file = (name: string): Buffer => readFileSync(join(folder, name));

const options = {
  cert: file('cert.pem'),
  key: file('key.pem'),
  ca: file('root.pem'),
  requestCert: true,
  rejectUnauthorized: true,
  // The client's offer decides among the groups; no session ticket is written.
  minVersion: 'TLSv1.3',
  ecdhCurve: '*X25519MLKEM768:*X25519:P-256:P-384',
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const;
const server =
  protocol === 'h2'
    ? createSecureServer(options, (_request, response) => response.end('ok'))
    : // As ours keeps idle connections, and small answers go at once.
      createServer({ ...options, noDelay: true, keepAliveTimeout: 60_000 }, (_request, response) => {
        response.end('ok');
      });
server.listen(Number(port), '127.0.0.1');
