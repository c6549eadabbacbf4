/** A refusal as the fixed bytes of a response of HTTP/1.1 (RFC 9112). */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import { problemContentType, type Refusal } from '../../../ground/errors/index.ts';
import { refusalBody, refusedStatus, type Telling } from './refusal-body.ts';

export function http1Answer(refusal: Refusal, telling: Telling, status: number = refusedStatus): Buffer {
  const body = refusalBody(refusal, telling, status);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ];
  return Buffer.from(lines.join('\r\n'));
}

/** The same on a connection that was admitted before, which then ends. */
export function respondRefusal(
  response: ServerResponse,
  refusal: Refusal,
  telling: Telling,
  status: number = refusedStatus,
): void {
  response.shouldKeepAlive = false;
  response.writeHead(status, { 'Content-Type': problemContentType, 'Cache-Control': 'no-store' });
  response.end(refusalBody(refusal, telling, status));
}
