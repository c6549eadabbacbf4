/** ghostunnel before a plain HTTP server of the process that generates the load, which is not counted. */
import { createServer } from 'node:http';
import { findProgram } from '../frame/server-process.ts';
import { freePort } from '../frame/listening.ts';
import { host, startPinned, type TlsServerProduct } from './tls-server.ts';

const program = findProgram('ghostunnel');

export const ghostunnel: TlsServerProduct = {
  name: 'ghostunnel',
  // Go's crypto/tls has both groups, and chooses among what the client offers.
  absent: () => (program === undefined ? 'ghostunnel is not installed' : undefined),
  start: async ({ certificate, key, root, port }) => {
    const behind = await freePort();
    const server = createServer((_request, response) => void response.end('ok')).listen(behind, host);
    const running = startPinned(
      program ?? 'ghostunnel',
      [
        'server',
        `--listen=${host}:${port}`,
        `--target=${host}:${behind}`,
        `--cert=${certificate}`,
        `--key=${key}`,
        `--cacert=${root}`,
        '--allow-all',
        '--quiet=all',
      ],
      { GOMAXPROCS: '1' },
    );
    return {
      ...running,
      stop: async () => {
        server.closeAllConnections();
        server.close();
        await running.stop();
      },
    };
  },
};
