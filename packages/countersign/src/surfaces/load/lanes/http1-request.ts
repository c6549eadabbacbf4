/** The octets of the one request that is sent again and again (RFC 9112). */
import { isIPv6 } from 'node:net';
import type { LoadTarget } from '../load-plan.ts';

export interface RequestToMake {
  readonly path: string;
  readonly bodyBytes: number;
  readonly kept: boolean;
}

export function http1Request(target: LoadTarget, { path, bodyBytes, kept }: RequestToMake): Buffer {
  const head = [
    `${bodyBytes > 0 ? 'POST' : 'GET'} ${path} HTTP/1.1`,
    `Host: ${authorityOf(target)}`,
    ...(bodyBytes > 0 ? ['Content-Type: application/octet-stream', `Content-Length: ${bodyBytes}`] : []),
    ...(kept ? [] : ['Connection: close']),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), bodyOf(bodyBytes)]);
}

export function bodyOf(bytes: number): Buffer {
  return Buffer.alloc(bytes, 'countersign ');
}

/** Host and port as a request names them (RFC 3986, 3.2). */
export function authorityOf({ host, port, servername = host }: LoadTarget): string {
  return `${isIPv6(servername) ? `[${servername}]` : servername}:${port}`;
}
