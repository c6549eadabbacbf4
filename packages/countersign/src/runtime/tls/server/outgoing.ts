/**
 * What waits to be sent to a peer, and what was taken of it. TLS encrypts whatever it is given at once, so that it is the queue of the TCP socket below that
 * tells; of a stream of HTTP/2 whose window is shut nothing is there, and the stream itself tells.
 */
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

export interface Outgoing {
  /** Bytes that the kernel has not taken. */
  readonly waiting: number;
  /** Bytes that it has, since the connection began. */
  readonly taken: number;
}

/** @param socket of TCP @returns `undefined` where it is closed, or Node is not built as this room knows it */
export function outgoingOf(socket: Socket): Outgoing | undefined {
  const waiting = numberIn(Reflect.get(socket, '_handle'), 'writeQueueSize');
  return waiting === undefined ? undefined : { waiting, taken: socket.bytesWritten - waiting };
}

export interface OutgoingStream {
  /** Bytes that the program gave it and that are not sent. */
  readonly waiting: number;
  /** Those of them that were handed to HTTP/2 and are not wholly sent: a piece at a time. */
  readonly inFlight: number;
  /** Bytes that were handed to HTTP/2 since the stream began, the piece in flight among them. */
  readonly handed: number;
}

/** As `outgoingOf`. */
export function outgoingOfStream(stream: ServerHttp2Stream): OutgoingStream | undefined {
  const waiting = stream.writableLength;
  if (waiting === 0) return { waiting: 0, inFlight: 0, handed: 0 };
  const key = Object.getOwnPropertySymbols(stream).find(({ description }) => description === 'kHandle');
  const handed = key === undefined ? undefined : numberIn(Reflect.get(stream, key), 'bytesWritten');
  return handed === undefined ? undefined : { waiting, inFlight: stream.bufferSize - waiting, handed };
}

function numberIn(handle: unknown, name: string): number | undefined {
  const value: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, name) : undefined;
  return typeof value === 'number' ? value : undefined;
}
