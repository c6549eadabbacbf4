/** For servers that have to be told a port before they listen, and do not say when they do. */
import { createServer } from 'node:net';
import { connect } from 'node:tls';

export const host = '127.0.0.1';

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const patienceMs = 20_000;

/** Waits until it makes TLS connections. */
export async function listening(name: string, port: number): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await accepts(port))) {
    if (performance.now() > end) throw new Error(`${name} does not listen`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
