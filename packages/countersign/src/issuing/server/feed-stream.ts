/** One subscription as server-sent events (WHATWG HTML, 9.2) on an HTTP/1.1 response. */
import type { ServerResponse } from 'node:http';

/** A message as it goes to everybody: its octets are made once. */
export interface FeedEvent {
  readonly kind: string;
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface FeedStream {
  /** Sends a message; a subscriber that does not read is cut off instead of being kept in memory. */
  send(event: FeedEvent): void;
  end(): void;
  readonly ended: boolean;
  /** Bytes that were sent and that the subscriber has not taken yet, as far as this process holds them. */
  readonly waiting: number;
}

/** 1 MiB, and twice the largest message where that is more (the first may be a large state): a stuck subscriber costs no more. Own choice. */
const leastWaitingBytes = 1024 * 1024;

/** A peer that has vanished without a word is noticed after this and the kernel's probes. */
const keepAliveProbeMs = 30_000;

/** @param text base64url and dots: it can not break the line */
export function feedEvent(kind: string, number: number, text: string): FeedEvent {
  return { kind, number, bytes: Buffer.from(`id: ${String(number)}\nevent: ${kind}\ndata: ${text}\n\n`, 'latin1') };
}

/** @param onEnd called once, however it ends; not where it had ended before */
export function openFeedStream(response: ServerResponse, onEnd: () => void): FeedStream {
  response.once('close', onEnd);
  // What is written to a connection that has just gone is lost; `close` says so.
  response.on('error', unheard);
  response.socket?.setKeepAlive(true, keepAliveProbeMs);
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    // The stream ends with its connection (RFC 9112, 6.3): each message is one write, without the frame of a chunk.
    Connection: 'close',
  });
  response.flushHeaders();
  return new ResponseStream(response);
}

const unheard = (): void => undefined;

/** Of a class, since thousands are open for months: functions of its own would be most of what a stream weighs. */
class ResponseStream implements FeedStream {
  readonly #response: ServerResponse;
  #mostWaitingBytes = leastWaitingBytes;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get ended(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  get waiting(): number {
    return this.#response.writableLength;
  }

  send({ bytes }: FeedEvent): void {
    const response = this.#response;
    if (this.ended) return;
    this.#mostWaitingBytes = Math.max(this.#mostWaitingBytes, 2 * bytes.length);
    // Straight to the connection where it is this response's turn there: Node's own way puts each message off to the next tick, through two queues.
    (response.socket ?? response).write(bytes);
    if (response.writableLength > this.#mostWaitingBytes) response.destroy();
  }

  end(): void {
    this.#response.end();
  }
}
