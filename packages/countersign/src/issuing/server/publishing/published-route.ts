/** What the authority publishes for anybody over plain HTTP: signed by itself, so that it needs no protection on its way. */

export interface PublishedRequest {
  readonly method: 'GET' | 'POST';
  /** What follows the prefix, as it came: nothing is decoded, and no two slashes are made one. */
  readonly path: string;
  /** Of a POST; else empty. */
  readonly body: Uint8Array;
  /** Content-Type, as it came. */
  readonly type: string | undefined;
}

export interface PublishedAnswer {
  readonly status: number;
  /** Content-Type. */
  readonly type: string;
  readonly bytes: Uint8Array;
  /**
   * Beside Content-Type and Content-Length, names in lower case. With `etag` or `last-modified`, who has it already is answered 304 (RFC 9110, 13).
   */
  readonly headers: Readonly<Record<string, string>>;
}

export interface PublishedRoute {
  /** What the path begins with, such as `/crl/`; the longest that fits answers. */
  readonly prefix: string;
  /** Octets of the longest body of a POST; absent: only GET and HEAD are answered. */
  readonly mostBodyOctets?: number;
  /** Before a listener is opened: what it answers from is made ready; where it rejects, the listener is not opened. */
  ready?(): Promise<void>;
  /** Not for HEAD apart, which gets what GET would without its bytes. What it throws is answered 500, and logged. */
  answer(request: PublishedRequest): PublishedAnswer | Promise<PublishedAnswer>;
}

const plain = 'text/plain; charset=utf-8';

/** For people who look at what is not there. */
export function publishedText(status: number, text: string): PublishedAnswer {
  return {
    status,
    type: plain,
    bytes: new TextEncoder().encode(`${text}\n`),
    headers: { 'cache-control': 'no-store' },
  };
}
