/** One JSON object from an issuer of tokens over HTTP: in time, of bounded size, from that very address, or the reason why not. */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../ground/clock/index.ts';
import { type JsonObject, parseStrictObject } from '../../identity/bound-tokens/index.ts';

export interface Question {
  readonly address: URL;
  readonly clock: Clock;
  /** From the first octet to the last. */
  readonly timeoutMs: number;
  readonly mostBytes: number;
  /** Default undici's own: the certificates that Node trusts. */
  readonly dispatcher?: Dispatcher | undefined;
  readonly accept: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** A form; then it is a POST. */
  readonly form?: URLSearchParams;
}

/** Why there is no answer, in a few words that hold nothing of what was sent. */
export class NoAnswer extends Error {}

/** @throws NoAnswer */
export async function boundedAnswer(question: Question): Promise<JsonObject> {
  const { clock, timeoutMs } = question;
  const controller = new AbortController();
  const late = new NoAnswer(`no answer within ${timeoutMs} ms`);
  const timer = clock.after(timeoutMs, () => controller.abort(late), { unref: true });
  try {
    return await answerTo(question, controller.signal);
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    throw new NoAnswer(reasonOf(error), { cause: error });
  } finally {
    timer.cancel();
    // Whatever is left of an answer that was refused is not read to its end.
    controller.abort(late);
  }
}

async function answerTo(question: Question, signal: AbortSignal): Promise<JsonObject> {
  const { request } = await import('undici');
  const { address, accept, dispatcher, form } = question;
  const { statusCode, headers, body } = await request(address, {
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      accept: accept.join(', '),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...question.headers,
    },
    ...(form === undefined ? {} : { body: form.toString() }),
    signal,
    ...(dispatcher === undefined ? {} : { dispatcher }),
  });
  // An abort after the head was read makes the body fail, which nobody else may be listening for.
  body.on('error', () => undefined);
  // A redirection is none either: what is asked for is at the address that was configured.
  if (statusCode !== 200) throw new NoAnswer(`status ${statusCode}`);
  const type = mediaTypeOf(headers['content-type']);
  if (!accept.includes(type)) throw new NoAnswer(`of the type ${type === '' ? 'none' : type.slice(0, 64)}`);
  if (headers['content-encoding'] !== undefined) throw new NoAnswer('compressed');
  const object = parseStrictObject(await octetsOf(body, question.mostBytes));
  if (object === undefined) throw new NoAnswer('not a JSON object that names each member once');
  return object;
}

async function octetsOf(body: AsyncIterable<unknown>, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    if (!(part instanceof Uint8Array)) throw new NoAnswer('not octets');
    length += part.length;
    if (length > most) throw new NoAnswer(`longer than ${most} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function mediaTypeOf(header: string | string[] | undefined): string {
  return typeof header === 'string' ? (header.split(';')[0] ?? '').trim().toLowerCase() : '';
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'the connection failed';
}

/** In plain text to this machine alone, as to a sidecar. */
const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** @throws TypeError where it is no address that may be believed */
export function issuerAddress(text: string): URL {
  const address = URL.parse(text);
  if (address === null || address.username !== '' || address.password !== '' || address.hash !== '')
    throw new TypeError('an address of an issuer is a URL without user, password and fragment');
  if (address.protocol !== 'https:' && !(address.protocol === 'http:' && loopback.has(address.hostname)))
    throw new TypeError('an address of an issuer is https, or http to this machine itself');
  return address;
}
