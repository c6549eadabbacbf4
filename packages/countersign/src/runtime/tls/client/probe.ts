/** A connection that only reads, to find out why another one ended unanswered. */
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import type { FirstAnswer, Heard } from './first-answer.ts';
import { giveUp } from './handshake.ts';

/** A second stage of ours answers whoever sends nothing after half a second; twice that. */
const mostMs = 1_000;

export interface Probe {
  readonly socket: TLSSocket;
  readonly answer: FirstAnswer;
}

/** @param open dials once more and verifies the server, since what another server says explains nothing. Never rejects. */
export async function listenOnly(open: () => Promise<Probe>, clock: Clock): Promise<Heard> {
  try {
    const { socket, answer } = await open();
    try {
      return await verdict(answer, clock);
    } finally {
      giveUp(socket);
    }
  } catch (error) {
    // What could not be reached or verified says nothing of the first connection; an alert in the handshake does.
    return isRefusal(error) && error.code === 'CS-TLS-003' ? { what: 'error', error } : { what: 'silence' };
  }
}

/** A ticket means the first stage alone: the verdict of the second comes after it. */
async function verdict(answer: FirstAnswer, clock: Clock): Promise<Heard> {
  const start = clock.monotonic();
  for (;;) {
    const left = Math.max(0, mostMs - (clock.monotonic() - start));
    const heard = await answer.next(left, clock);
    if (heard.what !== 'ticket') return heard;
  }
}
