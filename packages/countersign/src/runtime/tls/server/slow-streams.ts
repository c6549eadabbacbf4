/** Streams of HTTP/2 of which next to nothing is taken: behind a window that is shut they hold memory while the connection is idle. */
import type { ServerHttp2Stream } from 'node:http2';
import { outgoingOfStream } from './outgoing.ts';
import type { SlowReaderLimits } from './slow-readers.ts';

/** Since when something waited each time that it was looked at, and how it stood then. */
export interface WaitingStream {
  readonly sinceMs: number;
  readonly handed: number;
  readonly inFlight: number;
  /** What was taken of the whole connection. */
  readonly takenOfAll: number;
}

export interface Look {
  readonly nowMs: number;
  readonly takenOfAll: number;
  readonly limits: SlowReaderLimits;
}

/**
 * How much of a piece is sent already nobody knows but HTTP/2; what is surely too little counts, and that is no more than what was taken of the
 * connection. So behind a connection that moves, a stream that stands is found the later the longer the piece is.
 * @returns how it stands, to be given at the next look; `undefined` where nothing waits
 */
export function lookAtStream(
  stream: ServerHttp2Stream,
  before: WaitingStream | undefined,
  { nowMs, takenOfAll, limits: { leastBytes, everyMs } }: Look,
): WaitingStream | 'slow' | undefined {
  const outgoing = outgoingOfStream(stream);
  if (outgoing === undefined || outgoing.waiting === 0) return undefined;
  const { handed, inFlight } = outgoing;
  const now = { sinceMs: nowMs, handed, inFlight, takenOfAll };
  if (before === undefined) return now;
  const elapsedMs = nowMs - before.sinceMs;
  if (elapsedMs < everyMs) return before;
  const most = Math.min(handed - before.handed + before.inFlight, takenOfAll - before.takenOfAll);
  if (most < leastBytes * (elapsedMs / everyMs)) return 'slow';
  return handed === before.handed ? before : now;
}
