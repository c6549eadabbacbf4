/** A body read up to a bound. */
import type { Dispatcher } from 'undici';
import { Refusal } from '../../../ground/errors/index.ts';

/** For a body that does not say its length. */
const firstBytes = 16 * 1024;

/** @param failure makes of a broken stream what is thrown */
export async function readBounded(
  { body, headers }: Dispatcher.ResponseData,
  url: URL,
  mostBytes: number,
  failure: (error: unknown) => unknown,
): Promise<Uint8Array> {
  const tooLarge = (): Refusal => new Refusal('CS-FETCH-003', { url: url.href, maximumBytes: mostBytes });
  const said = Number(headers['content-length'] ?? Number.NaN);
  // Memory that is touched as it fills: a copy of a hundred megabytes at the end would hold up everybody.
  let bytes = new Uint8Array(Number.isInteger(said) && said <= mostBytes ? said : firstBytes);
  let length = 0;
  try {
    if (said > mostBytes) throw tooLarge();
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      if (length + piece.length > mostBytes) throw tooLarge();
      if (length + piece.length > bytes.length) bytes = grown(bytes, length, length + piece.length);
      bytes.set(piece, length);
      length += piece.length;
    }
  } catch (error) {
    body.on('error', () => undefined).destroy();
    throw failure(error);
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}

function grown(bytes: Uint8Array, length: number, least: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.max(least, 2 * bytes.length));
  more.set(bytes.subarray(0, length));
  return more;
}
