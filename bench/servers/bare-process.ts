/** The process of the bare server: `node bare-process.ts FOLDER PORT [h2]`. */
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import { bareOptions } from './bare-options.ts';

const [, , folder = '.', port = '0', protocol] = process.argv;
const options = bareOptions(folder);
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
