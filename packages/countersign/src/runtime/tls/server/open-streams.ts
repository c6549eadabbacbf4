/** The streams of one session of HTTP/2, and what became of those that are over. */
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { WaitingStream } from './slow-streams.ts';

export interface OpenStream {
  readonly stream: ServerHttp2Stream;
  readonly lasting: boolean;
  /** When it was looked at first. */
  sinceMs: number | undefined;
  /** While what it sends waits. */
  waiting: WaitingStream | undefined;
  /** The turn in which it came, as far as turns are counted. */
  readonly turn: number;
}

/** Of a session; until then streams that have ended are kept. With more of them they outlive the young generation of the heap, and looking at each costs 2 us. */
const fewestBeforePruning = 16;

/** Counted only where many streams come, since each costs a callback. */
let turn = 0;
let counting = false;

function countTurns(): void {
  if (counting) return;
  counting = true;
  setImmediate(() => {
    counting = false;
    turn += 1;
  });
}

/** Streams that are taken out only now and then: a listener for the end of each would cost more than all the rest that is done for it. */
export class OpenStreams {
  /** Of those that were taken out; whoever reads them sets them back. */
  givenUp = 0;
  endedWell = 0;
  #streams: OpenStream[] = [];
  #mostBeforePruning = fewestBeforePruning;

  /** @returns whether it is time to look at them */
  add(stream: ServerHttp2Stream, lasting: boolean): boolean {
    this.#streams.push({ stream, lasting, sinceMs: undefined, waiting: undefined, turn });
    return this.#streams.length >= this.#mostBeforePruning;
  }

  prune(): void {
    this.#mostBeforePruning = Math.max(fewestBeforePruning, 2 * this.open().length);
    countTurns();
  }

  open(): readonly OpenStream[] {
    this.#streams = this.#streams.filter((one) => {
      if (!one.stream.closed && !one.stream.destroyed) return true;
      if (isGivenUp(one)) this.givenUp += 1;
      else this.endedWell += 1;
      return false;
    });
    return this.#streams;
  }
}

/**
 * Not one that lasted for seconds, nor one whose answer had begun: its caller may want no more of it. One that was answered and reset in the turn in which
 * it came had no reader, though.
 */
function isGivenUp({ stream, sinceMs, turn: came }: OpenStream): boolean {
  if (sinceMs !== undefined) return false;
  if (!stream.headersSent) return true;
  return counting && came === turn && stream.rstCode !== constants.NGHTTP2_NO_ERROR;
}
