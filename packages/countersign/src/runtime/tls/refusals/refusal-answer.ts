/** The answer to a peer that the second stage refused: fixed bytes that a plain client of HTTP/1.1 or HTTP/2 can read, then the end. */
import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { http1Answer } from './http1-answer.ts';
import { FirstStream, http2Answer, http2Ending, http2Farewell, http2Greeting } from './http2-answer.ts';
import type { Telling } from './refusal-body.ts';

/** How long the peer may take to read it and to finish sending. Tried: with 2 s, 20 of 20 clients read it, also under 2 MB posts. */
const drainMs = 2_000;

/** A peer that is refused may push no more than this meanwhile. Our own choice, above the 2 MB that was tried. */
const mostDrainedBytes = 16 * 1024 * 1024;

/** A client that sent nothing yet gets the answer all the same after this; many read nothing before they have sent. */
const firstBytesMs = 500;

/**
 * Between a response of HTTP/2 and the reset of its stream. curl 7.88 forgets a response that it has not read yet when the stream is reset under an
 * upload. Our own choice.
 */
const endingMs = 100;

/** `none`: the protocol is not ours to speak, and the connection just ends. */
export type AnswerForm = 'http' | 'none';

/** Says no in one protocol. */
interface Answer {
  /** Sent at once. */
  readonly greeting?: Buffer;
  /** What to send after these bytes of the peer; `undefined`: not yet. */
  after(bytes: Buffer): Said | undefined;
  /** What to send to a peer that said nothing to answer to. */
  unasked(): Said;
}

interface Said {
  readonly bytes: Buffer;
  /** What follows a little later. */
  readonly ending?: Buffer;
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
  let ending: Timer | undefined;
  const end = (said: Said | undefined): void => {
    if (answered || said === undefined) return;
    answered = true;
    early.cancel();
    const last = said.ending;
    if (last === undefined) {
      socket.end(said.bytes);
      return;
    }
    socket.write(said.bytes);
    ending = clock.after(endingMs, () => socket.end(last), { unref: true });
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
    ending?.cancel();
  });
  if (answer.greeting !== undefined) socket.write(answer.greeting);
  if (form === 'none') end(nothing);
}

const nothing: Said = { bytes: Buffer.alloc(0) };

function answerIn(socket: TLSSocket, form: AnswerForm, refusal: Refusal, telling: Telling): Answer {
  if (form === 'none') return { after: () => undefined, unasked: () => nothing };
  if (socket.alpnProtocol === 'h2') return inHttp2(refusal, telling);
  const bytes = http1Answer(refusal, telling);
  return { after: () => ({ bytes }), unasked: () => ({ bytes }) };
}

/** A response to a stream that the client has not opened yet would be an error of the protocol (RFC 9113, 5.1). */
function inHttp2(refusal: Refusal, telling: Telling): Answer {
  const first = new FirstStream();
  return {
    greeting: http2Greeting,
    after: (bytes) => {
      const streamId = first.feed(bytes);
      if (streamId === undefined) return undefined;
      return { bytes: http2Answer(refusal, telling, streamId), ending: http2Ending(streamId) };
    },
    unasked: () => ({ bytes: http2Farewell(0) }),
  };
}
