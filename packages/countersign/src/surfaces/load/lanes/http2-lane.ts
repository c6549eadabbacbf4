/** Requests over HTTP/2 on a connection that is kept, one at a time. */
import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import type { Dial } from '../dial.ts';
import { LoadFailure } from '../failure-code.ts';
import type { LoadTarget } from '../load-plan.ts';
import { authorityOf, bodyOf } from './http1-request.ts';
import type { Lane } from './lane.ts';

export interface Http2Request {
  readonly path: string;
  readonly bodyBytes: number;
}

export class Http2Lane implements Lane {
  readonly #dial: Dial;
  readonly #origin: string;
  readonly #headers: OutgoingHttpHeaders;
  readonly #body: Buffer | undefined;
  #session: ClientHttp2Session | undefined;
  #aborted: Error | undefined;

  constructor(dial: Dial, target: LoadTarget, { path, bodyBytes }: Http2Request) {
    this.#dial = dial;
    this.#origin = `${target.tls === 'none' ? 'http' : 'https'}://${authorityOf(target)}`;
    this.#headers = { ':path': path, ':method': bodyBytes > 0 ? 'POST' : 'GET' };
    this.#body = bodyBytes > 0 ? bodyOf(bodyBytes) : undefined;
  }

  async open(): Promise<void> {
    const { socket, open } = this.#dial('h2');
    this.#aborted = undefined;
    await open;
    const session = connect(this.#origin, { createConnection: () => socket, settings: { enablePush: false } });
    this.#session = session;
    // Its streams tell; between two of them nothing is asked.
    session.on('error', () => undefined);
  }

  async operate(): Promise<number> {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) await this.open();
    return this.#ask();
  }

  abort(error: Error): void {
    this.#aborted = error;
    this.#session?.destroy(error);
  }

  #ask(): Promise<number> {
    return new Promise((resolve, reject) => {
      const stream = this.#session?.request(this.#headers, { endStream: this.#body === undefined });
      if (stream === undefined) {
        reject(new LoadFailure('CLOSED'));
        return;
      }
      let [status, bytes] = [0, 0];
      stream.on('response', (headers) => (status = Number(headers[constants.HTTP2_HEADER_STATUS])));
      stream.on('data', (part: Buffer) => (bytes += part.length));
      stream.on('error', (error: Error) => reject(this.#aborted ?? error));
      stream.on('end', () => {
        if (status >= 200 && status < 400) resolve(bytes);
        else if (status >= 400) reject(new LoadFailure(`HTTP ${status}`));
      });
      stream.on('close', () => reject(this.#aborted ?? new LoadFailure('CLOSED')));
      if (this.#body !== undefined) stream.end(this.#body);
    });
  }
}
