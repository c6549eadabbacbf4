/** Countersign's own server, compiled as its users have it. */
import { join } from 'node:path';
import { importingOptions } from '../issuing/built-package.ts';
import { startPinned, type TlsServerProduct } from './tls-server.ts';

export const countersign: TlsServerProduct = {
  name: 'countersign',
  absent: () => undefined,
  start: async ({ folder, port }) => {
    const program = join(import.meta.dirname, 'countersign-process.ts');
    return startPinned(process.execPath, [...importingOptions(), program, folder, String(port)]);
  },
};
