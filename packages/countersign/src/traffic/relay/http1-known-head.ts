/** The header of an answer that may come again: many programs say what they said last, as long as the second lasts that is in their `Date`. */
import type { AnswerHead } from './http1-answer-head.ts';
import type { HeaderList } from './program-headers.ts';
import type { WrittenAnswer } from './program.ts';

/** Octets of a header that is kept; own choice. */
const mostKept = 512;

export class KnownHead implements AnswerHead, WrittenAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
  readonly framing: AnswerHead['framing'];
  readonly kept: boolean;
  readonly keepMs: number | undefined;
  readonly octets: number;
  http1: string[] | undefined;
  http2: string[] | undefined;
  readonly #octets: Buffer;
  readonly #method: string;

  /** @param octets that it is the beginning of @returns `undefined` where it is too large to be kept */
  static of(head: AnswerHead, octets: Buffer, method: string): KnownHead | undefined {
    return head.octets > mostKept ? undefined : new KnownHead(head, octets, method);
  }

  private constructor(head: AnswerHead, octets: Buffer, method: string) {
    this.status = head.status;
    this.reason = head.reason;
    this.headers = head.headers;
    this.framing = head.framing;
    this.kept = head.kept;
    this.keepMs = head.keepMs;
    this.octets = head.octets;
    this.#octets = Buffer.from(octets.subarray(0, head.octets));
    this.#method = method;
  }

  /** Whether what was parsed for `method` would be parsed so again. */
  isOf(octets: Buffer, method: string): boolean {
    const known = this.#octets;
    if (method !== this.#method || octets.length < known.length) return false;
    for (let at = 0; at < known.length; at += 1) if (octets[at] !== known[at]) return false;
    return true;
  }
}
