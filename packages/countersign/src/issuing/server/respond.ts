/** Answers in JSON: a value, or a refusal as a problem document (RFC 9457). */
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock } from '../../ground/clock/index.ts';
import { problemContentType, type Refusal, toProblemDocument } from '../../ground/errors/index.ts';
import { PlainText } from './plain-text.ts';

/** How long an answer may wait for its reader, once it is made. Own choice: 64 KiB in that time is slower than any line that a handshake came through. */
const longestUntakenMs = 30_000;

/** Who asks and never reads keeps the memory of the answer, and a connection: for so long and no longer. */
export function requireTaken({ socket }: IncomingMessage, response: ServerResponse, clock: Clock): void {
  if (!response.writableEnded || response.writableFinished) return;
  const timer = clock.after(longestUntakenMs, () => socket.destroy(), { unref: true });
  response.once('finish', () => timer.cancel());
  response.once('close', () => timer.cancel());
}

const always = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

export function respond(response: ServerResponse, value: unknown): void {
  if (value instanceof PlainText) sendText(response, 200, value.contentType, value.text);
  else send(response, 200, 'application/json', value);
}

/** @param toStranger whether what the authority's own trouble is stays inside: paths and the words of the disk are nobody's business on the network */
export function respondRefused(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  toStranger: boolean,
): void {
  const document = toProblemDocument(refusal);
  const inner = toStranger && /^CS-(?:STORE|STATE|FILE)-/.test(refusal.code);
  // What is left of a body that was not read would be taken for the next request.
  if (!request.complete) response.shouldKeepAlive = false;
  send(response, refusal.http, problemContentType, inner ? { ...document, evidence: {} } : document);
}

function send(response: ServerResponse, status: number, type: string, value: unknown): void {
  sendText(response, status, type, JSON.stringify(value));
}

function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  if (response.headersSent || response.destroyed) {
    // A stream that had begun can only be cut.
    response.destroy();
    return;
  }
  response.writeHead(status, { ...always, 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  // As a text, which Node joins to the header: one write, and one TLS record.
  response.end(text);
}
