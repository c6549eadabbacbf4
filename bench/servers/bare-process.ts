/** The process of the bare server: `node bare-process.ts FOLDER PORT`. */
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';

const [, , folder = '.', port = '0'] = process.argv;
const file = (name: string): Buffer => readFileSync(join(folder, name));

const server = createServer(
  {
    cert: file('cert.pem'),
    key: file('key.pem'),
    ca: file('root.pem'),
    requestCert: true,
    rejectUnauthorized: true,
    // The client's offer decides among the groups; no session ticket is written.
    minVersion: 'TLSv1.3',
    ecdhCurve: '*X25519MLKEM768:*X25519:P-256:P-384',
    secureOptions: constants.SSL_OP_NO_TICKET,
    noDelay: true,
  },
  (_request, response) => void response.end('ok'),
);
server.listen(Number(port), '127.0.0.1');
