/** A body read up to a bound. */
import type { Dispatcher } from 'undici';
import { Refusal } from '../../../ground/errors/index.ts';

/** @param failure makes of a broken stream what is thrown */
export async function readBounded(
  { body, headers }: Dispatcher.ResponseData,
  url: URL,
  mostBytes: number,
  failure: (error: unknown) => unknown,
): Promise<Uint8Array> {
  const tooLarge = (): Refusal => new Refusal('CS-FETCH-003', { url: url.href, maximumBytes: mostBytes });
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    if (Number(headers['content-length'] ?? 0) > mostBytes) throw tooLarge();
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      length += piece.length;
      if (length > mostBytes) throw tooLarge();
      pieces.push(piece);
    }
  } catch (error) {
    body.on('error', () => undefined).destroy();
    throw failure(error);
  }
  // One copy, and no view of a pool that others write into.
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
