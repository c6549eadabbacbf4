/** Bare node:https with the options that decide the cost of a handshake, as our endpoints have them. */
import { join } from 'node:path';
import { startPinned, type TlsServerProduct } from './tls-server.ts';

export const bare: TlsServerProduct = {
  name: 'node:tls',
  absent: () => undefined,
  start: async ({ folder, port }) =>
    startPinned(process.execPath, [join(import.meta.dirname, 'bare-process.ts'), folder, String(port)]),
};
