/** Frames of HTTP/2 (RFC 9113, 4 and 6), as far as load needs them. */
import { LoadFailure } from '../failure-code.ts';

export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  resetStream: 0x3,
  settings: 0x4,
  ping: 0x6,
  goAway: 0x7,
  windowUpdate: 0x8,
} as const;

/** END_STREAM and ACK are the same bit, in different frames. */
export const frameFlags = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

const headBytes = 9;

/** The largest frame that a receiver takes unless it says otherwise, and we never do (RFC 9113, 4.2). */
export const mostFrameBytes: number = 16_384;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Without padding and priority. */
  readonly payload: Buffer;
  /** What it takes of the flow-control windows: with padding (RFC 9113, 6.1). */
  readonly length: number;
}

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, headBytes);
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Cuts what comes in pieces into frames. */
export class FrameReader {
  #pending: Buffer | undefined;

  /** @throws LoadFailure where it is no HTTP/2 */
  read(bytes: Buffer, take: (one: Frame) => void): void {
    const all = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes]);
    let at = 0;
    while (all.length - at >= headBytes) {
      const length = all.readUIntBE(at, 3);
      // A server of HTTP/1.1 answers in text, whose first three letters are a far larger number.
      if (length > mostFrameBytes) throw new LoadFailure('NO-HTTP');
      const end = at + headBytes + length;
      if (end > all.length) break;
      take(frameIn(all, at, end));
      at = end;
    }
    this.#pending = at === all.length ? undefined : all.subarray(at);
  }
}

function frameIn(all: Buffer, at: number, end: number): Frame {
  const [type = 0, flags = 0] = [all[at + 3], all[at + 4]];
  const stream = all.readUInt32BE(at + 5) & 0x7fff_ffff;
  const whole = all.subarray(at + headBytes, end);
  return { type, flags, stream, payload: contentOf(type, flags, whole), length: whole.length };
}

function contentOf(type: number, flags: number, whole: Buffer): Buffer {
  if (type !== frameTypes.data && type !== frameTypes.headers) return whole;
  const padded = (flags & frameFlags.padded) !== 0;
  const prioritized = type === frameTypes.headers && (flags & frameFlags.priority) !== 0;
  const begin = (padded ? 1 : 0) + (prioritized ? 5 : 0);
  return whole.subarray(begin, whole.length - (padded ? (whole[0] ?? 0) : 0));
}
