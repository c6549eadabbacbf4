/** Whether an answer over HTTP/2 came to its end: of one that was reset, or went with its session, node:http2 says the same as of one that is whole. */
import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';

/**
 * Calls `onCut` before the end is heard of, where it was not the program that ended it: an end of the program's own comes ahead of the stream's
 * (RFC 9113, 8.1). Resets with an error of their own are told by Node; CANCEL, NO_ERROR and the end of a connection are not. On a crowded session Node
 * hands on the end of a whole answer only with NO_ERROR, too: there its length decides, where it was said.
 */
export function onCutOff(stream: ClientHttp2Stream, onCut: () => void): void {
  const push = stream.push.bind(stream);
  let ended = false;
  let octets = 0;
  let promised: string | undefined;
  stream.once('response', (headers: IncomingHttpHeaders) => (promised = headers['content-length']));
  stream.push = (chunk: Uint8Array | null, encoding?: BufferEncoding): boolean => {
    if (chunk !== null) octets += chunk.length;
    else if (!ended) {
      ended = true;
      const isWhole =
        stream.rstCode === constants.NGHTTP2_NO_ERROR && (promised === undefined || octets === Number(promised));
      if (stream.closed && !isWhole) onCut();
    }
    return push(chunk, encoding);
  };
}
