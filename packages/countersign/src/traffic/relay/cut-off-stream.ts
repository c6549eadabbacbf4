/** Whether an answer over HTTP/2 came to its end: of one that was reset, or went with its session, node:http2 says the same as of one that is whole. */
import type { ClientHttp2Stream } from 'node:http2';

/**
 * Calls `onCut` before the end is heard of, where it was not the program that ended it: an end of the program's own comes ahead of the stream's
 * (RFC 9113, 8.1). Resets with an error of their own are told by Node; CANCEL, NO_ERROR and the end of a connection are not.
 */
export function onCutOff(stream: ClientHttp2Stream, onCut: () => void): void {
  const push = stream.push.bind(stream);
  let ended = false;
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !ended) {
      ended = true;
      if (stream.closed) onCut();
    }
    return push(chunk, encoding);
  };
}
