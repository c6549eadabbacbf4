/** Countersign's own server, compiled as its users have it. */
import { join } from 'node:path';
import { importingOptions } from '../issuing/built-package.ts';
import { startPinned, type TlsServerProduct } from './tls-server.ts';

const program = join(import.meta.dirname, 'countersign-process.ts');

export const countersign: TlsServerProduct = {
  name: 'countersign',
  absent: () => undefined,
  start: async ({ folder, port }) =>
    startPinned(process.execPath, [...importingOptions(), program, folder, String(port)]),
};

export const countersignHttp2: TlsServerProduct = {
  name: 'countersign, HTTP/2',
  absent: () => undefined,
  start: async ({ folder, port }) =>
    startPinned(process.execPath, [...importingOptions(), program, folder, String(port), 'h2']),
};
