/** A refusal as the frames of HTTP/2 (RFC 9113): what a client reads that has just sent its first request. */
import type { ServerHttp2Stream } from 'node:http2';
import { problemContentType, type Refusal } from '../../../ground/errors/index.ts';
import { refusalBody, refusedStatus, type Telling } from './refusal-body.ts';

/** RFC 9113, section 6. */
const frameTypes = { data: 0, headers: 1, rstStream: 3, settings: 4, goaway: 7 } as const;
const flags = { none: 0, ack: 1, endStream: 1, endHeaders: 4 } as const;

/** `PRI * HTTP/2.0` and so on (RFC 9113, 3.4). */
const prefaceBytes = 24;
const frameHeaderBytes = 9;

/** The server's preface: settings as they are by default (RFC 9113, 3.4). */
export const http2Greeting: Buffer = frame(frameTypes.settings, flags.none, 0, Buffer.alloc(0));

/** To a stream that the client has opened: 403 and its document. */
export function http2Answer(refusal: Refusal, telling: Telling, streamId: number): Buffer {
  const body = Buffer.from(refusalBody(refusal, telling));
  return Buffer.concat([
    frame(frameTypes.settings, flags.ack, 0, Buffer.alloc(0)),
    frame(frameTypes.headers, flags.endHeaders, streamId, headerBlock(body.length)),
    frame(frameTypes.data, flags.endStream, streamId, body),
  ]);
}

/** That nothing more of the stream is wanted, and the end of the connection (RFC 9113, 8.1, 6.8). */
export function http2Ending(streamId: number): Buffer {
  return Buffer.concat([frame(frameTypes.rstStream, flags.none, streamId, uint32(0)), http2Farewell(streamId)]);
}

/** GOAWAY with NO_ERROR. @param lastStreamId the last one that was answered; 0 for none */
export function http2Farewell(lastStreamId: number): Buffer {
  return frame(frameTypes.goaway, flags.none, 0, Buffer.concat([uint32(lastStreamId), uint32(0)]));
}

/** The same to a stream of a session that was admitted. */
export function respondHttp2Refusal(
  stream: ServerHttp2Stream,
  refusal: Refusal,
  telling: Telling,
  status: number = refusedStatus,
): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': status, 'content-type': problemContentType, 'cache-control': 'no-store' });
  stream.end(refusalBody(refusal, telling, status));
}

/** Finds in what a client sends the first stream that it opens; looks at nothing else of it. */
export class FirstStream {
  #skip = prefaceBytes;
  #header = Buffer.alloc(0);

  /** The stream's number, once. */
  feed(bytes: Buffer): number | undefined {
    let at = 0;
    while (at < bytes.length) {
      const skipped = Math.min(this.#skip, bytes.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (this.#skip > 0) return undefined;
      const wanted = frameHeaderBytes - this.#header.length;
      this.#header = Buffer.concat([this.#header, bytes.subarray(at, at + wanted)]);
      at += wanted;
      if (this.#header.length < frameHeaderBytes) return undefined;
      const type = this.#header[3];
      const streamId = this.#header.readUInt32BE(5) & 0x7fffffff;
      this.#skip = this.#header.readUIntBE(0, 3);
      this.#header = Buffer.alloc(0);
      if (type === frameTypes.headers) return streamId;
    }
    return undefined;
  }
}

/** Literals without indexing (RFC 7541, 6.2.2), the names by their number in the static table: it has no `:status 403`. */
function headerBlock(contentLength: number): Buffer {
  return Buffer.concat([
    literal(8, String(refusedStatus)),
    literal(31, problemContentType),
    literal(28, String(contentLength)),
    literal(24, 'no-store'),
  ]);
}

/** The number has a prefix of 4 bits (RFC 7541, 5.1); the values are shorter than the 127 bytes that their length's prefix holds. */
function literal(name: number, value: string): Buffer {
  const number = name < 15 ? [name] : [15, name - 15];
  return Buffer.concat([Buffer.from([...number, value.length]), Buffer.from(value, 'latin1')]);
}

function frame(type: number, flag: number, streamId: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flag, 4);
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
