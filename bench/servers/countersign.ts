/** Countersign's own server, compiled as its users have it. */
import { join } from 'node:path';
import { builtMain } from '../issuing/built-package.ts';
import { startPinned, type TlsServerProduct } from './tls-server.ts';

export const countersign: TlsServerProduct = {
  name: 'countersign',
  absent: () => undefined,
  start: async ({ folder, port }) => {
    builtMain();
    return startPinned(process.execPath, [join(import.meta.dirname, 'countersign-process.ts'), folder, String(port)]);
  },
};
