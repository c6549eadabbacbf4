/** The gate: asked before anything that a peer sent is handed on, so that a change of trust holds from its first moment on. */
import type { Readable } from 'node:stream';

export interface Gate {
  /** Whether the peer still passes at this moment; once it does not, it never does again. */
  passes(): boolean;
}

/**
 * Puts the gate before everything that `readable` is yet to hand on: a request with a body, a stream of HTTP/2, a socket after an upgrade.
 * Node's parsers read the socket natively, but each of them hands on through `push`. The end is not handed on either: what was cut off must
 * not look whole. Nor is more asked for then: a request of node:http2 that has no end would be read on when its stream is gone, which Node takes for a
 * mistake of its own and throws where nobody catches it.
 */
export function gateReadable(readable: Readable, gate: Gate): void {
  const push = readable.push.bind(readable);
  readable.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (gate.passes()) return push(chunk, encoding);
    readable._read = () => undefined;
    return false;
  };
}
