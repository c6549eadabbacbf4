/** The answer to a peer that the second stage refused: fixed bytes that a plain client of HTTP/1.1 or HTTP/2 can read, then the end. */
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { http1Answer } from './http1-answer.ts';
import { FirstStream, http2Answer, http2Farewell, http2Greeting } from './http2-answer.ts';
import type { Telling } from './refusal-body.ts';

/** How long the peer may take to read it and to finish sending. Tried: with 2 s, 20 of 20 clients read it, also under 2 MB posts. */
const drainMs = 2_000;

/** A peer that is refused may push no more than this meanwhile. Our own choice, above the 2 MB that was tried. */
const mostDrainedBytes = 16 * 1024 * 1024;

/** A client that sent nothing yet gets the answer all the same after this; many read nothing before they have sent. */
const firstBytesMs = 500;

/** `none`: the protocol is not ours to speak, and the connection just ends. */
export type AnswerForm = 'http' | 'none';

/** Says no in one protocol. */
interface Answer {
  /** Sent at once. */
  readonly greeting?: Buffer;
  /** What to send after these bytes of the peer; `undefined`: not yet. */
  after(bytes: Buffer): Buffer | undefined;
  /** What to send to a peer that said nothing to answer to. */
  unasked(): Buffer;
}

export interface Answered {
  readonly refusal: Refusal;
  readonly clock: Clock;
  readonly form: AnswerForm;
  readonly telling: Telling;
}

/** Answers, half-closes and drains; what the peer sends is looked at for the first stream of HTTP/2 alone. */
export function answerRefusal(socket: TLSSocket, { refusal, clock, form, telling }: Answered): void {
  let drained = 0;
  let answered = false;
  const answer = answerIn(socket, form, refusal, telling);
  const end = (bytes: Buffer | undefined): void => {
    if (answered || bytes === undefined) return;
    answered = true;
    early.cancel();
    socket.end(bytes);
  };
  const early = clock.after(firstBytesMs, () => end(answer.unasked()), { unref: true });
  const late = clock.after(drainMs, () => socket.destroy(), { unref: true });
  socket.on('data', (bytes: Buffer) => {
    drained += bytes.length;
    if (!answered) end(answer.after(bytes));
    if (drained > mostDrainedBytes) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    early.cancel();
    late.cancel();
  });
  if (answer.greeting !== undefined) socket.write(answer.greeting);
  if (form === 'none') end(Buffer.alloc(0));
}

function answerIn(socket: TLSSocket, form: AnswerForm, refusal: Refusal, telling: Telling): Answer {
  if (form === 'none') return { after: () => undefined, unasked: () => Buffer.alloc(0) };
  if (socket.alpnProtocol === 'h2') return inHttp2(refusal, telling);
  const bytes = http1Answer(refusal, telling);
  return { after: () => bytes, unasked: () => bytes };
}

/** A response to a stream that the client has not opened yet would be an error of the protocol (RFC 9113, 5.1). */
function inHttp2(refusal: Refusal, telling: Telling): Answer {
  const first = new FirstStream();
  return {
    greeting: http2Greeting,
    after: (bytes) => {
      const streamId = first.feed(bytes);
      return streamId === undefined ? undefined : http2Answer(refusal, telling, streamId);
    },
    unasked: () => http2Farewell(0),
  };
}
