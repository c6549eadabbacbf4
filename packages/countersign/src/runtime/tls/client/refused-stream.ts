/** The first answer of an HTTP/2 session: where it is a second stage's refusal, the stream ends with a Refusal, and nothing of the answer is handed on. */
import type { ClientHttp2Stream } from 'node:http2';
import { problemContentType, Refusal } from '../../../ground/errors/index.ts';
import { codeInBody, mostAnswerBytes } from './code-in-answer.ts';

type Push = ClientHttp2Stream['push'];

/** To be called before anybody else listens. */
export function refuseFirstStream(stream: ClientHttp2Stream, address: string): void {
  stream.once('response', (headers) => {
    if (headers[':status'] !== 403 || headers['content-type'] !== problemContentType) return;
    new HeldAnswer(stream, address);
  });
}

/** Hands the body on at its end, or when it is longer than a refusal of ours. */
class HeldAnswer {
  readonly #stream: ClientHttp2Stream;
  readonly #address: string;
  readonly #push: Push;
  readonly #chunks: Buffer[] = [];

  constructor(stream: ClientHttp2Stream, address: string) {
    this.#stream = stream;
    this.#address = address;
    this.#push = stream.push.bind(stream);
    stream.push = (chunk: unknown) => this.#onPush(chunk);
  }

  #onPush(chunk: unknown): boolean {
    if (chunk !== null) this.#chunks.push(chunk as Buffer);
    const held = Buffer.concat(this.#chunks);
    if (chunk !== null && held.length <= mostAnswerBytes) return true;
    this.#stream.push = this.#push;
    const said = chunk === null ? codeInBody(held.toString('latin1')) : undefined;
    if (said === undefined) {
      const more = this.#push(held);
      return chunk === null ? this.#push(null) : more;
    }
    const reason = 'refused in the second stage';
    this.#stream.destroy(new Refusal('CS-TLS-016', { address: this.#address, reason, said }));
    return false;
  }
}
