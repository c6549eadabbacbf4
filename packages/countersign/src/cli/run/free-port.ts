/** A TCP port of this machine that nobody listens on just now. */
import { type AddressInfo, createServer } from 'node:net';

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      // A TCP server's address is never a string.
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
