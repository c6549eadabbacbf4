/** Bare node:https with the options that decide the cost of a handshake, as our endpoints have them. */
import { join } from 'node:path';
import { startPinned, type TlsServerProduct } from './tls-server.ts';

const program = join(import.meta.dirname, 'bare-process.ts');

export const bare: TlsServerProduct = {
  name: 'node:tls',
  absent: () => undefined,
  start: async ({ folder, port }) => startPinned(process.execPath, [program, folder, String(port)]),
};

export const bareHttp2: TlsServerProduct = {
  name: 'node:http2',
  absent: () => undefined,
  start: async ({ folder, port }) => startPinned(process.execPath, [program, folder, String(port), 'h2']),
};
