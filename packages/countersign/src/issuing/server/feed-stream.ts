/** One subscription as server-sent events (WHATWG HTML, 9.2) on an HTTP/1.1 response. */
import type { ServerResponse } from 'node:http';

export interface FeedStream {
  /** Sends a message; a subscriber that does not read is cut off instead of being kept in memory. */
  send(event: { readonly kind: string; readonly number: number; readonly text: string }): void;
  end(): void;
  readonly ended: boolean;
  /** Bytes that were sent and that the subscriber has not taken yet, as far as this process holds them. */
  readonly waiting: number;
}

/** 1 MiB, and twice the largest message where that is more (the first may be a large state): a stuck subscriber costs no more. Own choice. */
const leastWaitingBytes = 1024 * 1024;

/** A peer that has vanished without a word is noticed after this and the kernel's probes. */
const keepAliveProbeMs = 30_000;

/** @param onEnd called once, however it ends; not where it had ended before */
export function openFeedStream(response: ServerResponse, onEnd: () => void): FeedStream {
  let mostWaitingBytes = leastWaitingBytes;
  response.once('close', onEnd);
  // What is written to a connection that has just gone is lost; `close` says so.
  response.on('error', () => undefined);
  response.socket?.setKeepAlive(true, keepAliveProbeMs);
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.flushHeaders();
  return {
    get ended() {
      return response.destroyed || response.writableEnded;
    },
    get waiting() {
      return response.writableLength;
    },
    send: ({ kind, number, text }) => {
      if (response.destroyed || response.writableEnded) return;
      mostWaitingBytes = Math.max(mostWaitingBytes, 2 * text.length);
      // The text is base64url and dots: it can not break the line.
      response.write(`id: ${String(number)}\nevent: ${kind}\ndata: ${text}\n\n`);
      if (response.writableLength > mostWaitingBytes) response.destroy();
    },
    end: () => {
      response.shouldKeepAlive = false;
      response.end();
    },
  };
}
