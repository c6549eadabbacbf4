/** Reads one HTTP/1.1 response as far as load needs it: its status, and where it ends (RFC 9112, 6). */
import { LoadFailure } from '../failure-code.ts';

const endOfHead = '\r\n\r\n';
const mostHeadBytes = 64 * 1024;

export class Http1Response {
  status = 0;
  /** The server keeps the connection open after it. */
  keepsAlive = true;
  bodyBytes = 0;
  done = false;
  #head: Buffer | undefined;
  #body: Body | undefined;

  /** @throws LoadFailure where it is no HTTP/1.1, or goes on after its end */
  read(bytes: Buffer): void {
    let rest = bytes;
    if (this.#body === undefined) {
      const head = this.#head === undefined ? bytes : Buffer.concat([this.#head, bytes]);
      const end = head.indexOf(endOfHead);
      if (end === -1) {
        if (head.length > mostHeadBytes) throw new LoadFailure('NO-HTTP');
        this.#head = head;
        return;
      }
      this.#readHead(head.toString('latin1', 0, end));
      this.#head = undefined;
      rest = head.subarray(end + endOfHead.length);
      // 1xx are followed by the answer itself (RFC 9110, 15.2).
      if (this.status < 200) {
        if (rest.length > 0) this.read(rest);
        return;
      }
    }
    this.#readBody(rest);
  }

  /** The connection ended: that is the end of a body without a length. */
  end(): void {
    if (this.#body === 'until close') this.done = true;
  }

  #readHead(head: string): void {
    if (!/^HTTP\/1\.[01] \d{3}/.test(head)) throw new LoadFailure('NO-HTTP');
    this.status = Number(head.slice(9, 12));
    if (this.status < 200) return;
    if (/\r\nconnection: *close/i.test(head)) this.keepsAlive = false;
    this.#body = bodyFraming(head, this.status);
  }

  #readBody(bytes: Buffer): void {
    this.bodyBytes += bytes.length;
    if (this.#body === 'until close') return;
    this.done = typeof this.#body === 'number' ? this.#over(this.#body) : this.#body?.read(bytes) === true;
  }

  #over(length: number): boolean {
    if (this.bodyBytes > length) throw new LoadFailure('NO-HTTP');
    return this.bodyBytes === length;
  }
}

/** A length, chunks, or all that comes. */
type Body = number | Chunks | 'until close';

function bodyFraming(head: string, status: number): Body {
  if (status === 204 || status === 304) return 0;
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return new Chunks();
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return length === undefined ? 'until close' : Number(length);
}

/** Chunked coding (RFC 9112, 7.1) without a look at trailers' contents. */
class Chunks {
  #left = 0;
  #line = '';
  #last = false;

  /** Answers whether the last chunk and its trailers are over. */
  read(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      const end = bytes.indexOf(10, at);
      this.#line += bytes.toString('latin1', at, end === -1 ? bytes.length : end + 1);
      if (end === -1) return false;
      at = end + 1;
      if (this.#endsWith(this.#line.trim())) return true;
      this.#line = '';
    }
    return false;
  }

  #endsWith(line: string): boolean {
    if (this.#last) return line === '';
    const size = Number.parseInt(line, 16);
    if (!Number.isSafeInteger(size) || size < 0) throw new LoadFailure('NO-HTTP');
    this.#last = size === 0;
    // With the line break after the data.
    this.#left = size === 0 ? 0 : size + 2;
    return false;
  }
}
