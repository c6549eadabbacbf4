/** The answer to a peer that the second stage refused: fixed bytes that a plain HTTP/1.1 client can read, then the end. */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';
import { problemContentType, type Refusal } from '../../../ground/errors/index.ts';

/** How long the peer may take to read it and to finish sending. Tried: with 2 s, 20 of 20 clients read it, also under 2 MB posts. */
const drainMs = 2_000;

/** A peer that is refused may push no more than this meanwhile. Our own choice, above the 2 MB that was tried. */
const mostDrainedBytes = 16 * 1024 * 1024;

/** A client that sent nothing yet gets the answer all the same after this; many read nothing before they have sent. */
const firstBytesMs = 500;

/** Code and title alone: who is refused learns neither the policy nor anybody's name. */
export function refusalBody(refusal: Refusal): string {
  return JSON.stringify({
    type: `urn:countersign:refusal:${refusal.code}`,
    title: refusal.title,
    status: refusal.http,
    code: refusal.code,
  });
}

function refusalBytes(refusal: Refusal): Buffer {
  const body = refusalBody(refusal);
  const lines = [
    `HTTP/1.1 ${refusal.http} ${STATUS_CODES[refusal.http] ?? 'Refused'}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ];
  return Buffer.from(lines.join('\r\n'));
}

/** The same on a connection that was admitted before. */
export function respondRefusal(response: ServerResponse, refusal: Refusal): void {
  response.shouldKeepAlive = false;
  response.writeHead(refusal.http, { 'Content-Type': problemContentType, 'Cache-Control': 'no-store' });
  response.end(refusalBody(refusal));
}

/** Answers, half-closes and drains; nothing that the peer sends is looked at. */
export function answerRefusal(socket: TLSSocket, refusal: Refusal, clock: Clock): void {
  let drained = 0;
  let answered = false;
  const answer = (): void => {
    if (answered) return;
    answered = true;
    early.cancel();
    socket.end(refusalBytes(refusal));
  };
  const early = clock.after(firstBytesMs, answer, { unref: true });
  const late = clock.after(drainMs, () => socket.destroy(), { unref: true });
  socket.on('data', (bytes: Buffer) => {
    drained += bytes.length;
    answer();
    if (drained > mostDrainedBytes) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    early.cancel();
    late.cancel();
  });
}
