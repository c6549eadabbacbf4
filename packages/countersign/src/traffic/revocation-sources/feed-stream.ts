/** One opening of the feed: from the request to the end of the stream, event by event. */
import type { Dispatcher } from 'undici';
import type { Clock, Timer } from '../../ground/clock/index.ts';
import { fromProblemDocument, Refusal } from '../../ground/errors/index.ts';
import { type FeedAuditHead, mostEnvelopeCharacters } from '../../identity/revocation/index.ts';
import {
  feedAfterLeaseHeader,
  feedAuditHeader,
  feedEndpointHeader,
  feedLeaseHeader,
  feedObserverHeader,
} from '../../runtime/api/index.ts';
import { EventStream, type ServerSentEvent } from './event-stream.ts';

export interface FeedStreamOptions {
  readonly dispatcher: Dispatcher;
  readonly url: string;
  readonly path: string;
  readonly endpoint: string;
  /** Whether what rests on it goes on when the lease has ended. */
  readonly continues: boolean;
  /** Whether nothing rests on what is heard. */
  readonly observes: boolean;
  /** The number after which to go on; `undefined` asks for the whole state. */
  readonly after: number | undefined;
  /** The lease that is held, in milliseconds. */
  readonly leaseMs: number;
  /** What is remembered of the authority's audit log. */
  readonly remembers: FeedAuditHead | undefined;
  readonly clock: Clock;
  /** Ends it, with the signal's own reason. */
  readonly signal: AbortSignal;
  /** How long nothing may come before it counts as silence. Asked anew after each event. */
  readonly silenceMs: () => number;
  readonly onOpen: () => void;
  /** What it throws ends the stream. @returns whether it is news: a message that is only repeated breaks no silence */
  readonly onEvent: (event: ServerSentEvent) => boolean;
}

/** Bytes of an answer that is no stream: a problem document is a few hundred. */
const mostProblemBytes = 16 * 1024;

/** Never returns: rejects with why the stream ended. */
export async function readFeedStream(options: FeedStreamOptions): Promise<never> {
  const ending = new AbortController();
  const end = (): void => ending.abort(options.signal.reason);
  options.signal.addEventListener('abort', end, { once: true });
  if (options.signal.aborted) end();
  const watch = new SilenceWatch(options, ending);
  try {
    return await read(options, ending.signal, watch);
  } catch (error) {
    // undici wraps or replaces the reason, depending on the moment.
    throw ending.signal.aborted ? ending.signal.reason : error;
  } finally {
    watch.cancel();
    options.signal.removeEventListener('abort', end);
    // Whatever ended it, nothing more is to come on this connection.
    ending.abort();
  }
}

async function read(options: FeedStreamOptions, signal: AbortSignal, watch: SilenceWatch): Promise<never> {
  const answer = await options.dispatcher.request({
    origin: options.url,
    path: options.path,
    method: 'GET',
    headers: {
      accept: 'text/event-stream',
      [feedEndpointHeader]: options.endpoint,
      ...(options.continues ? { [feedAfterLeaseHeader]: 'continue' } : {}),
      ...(options.observes ? { [feedObserverHeader]: 'yes' } : {}),
      ...(options.after === undefined
        ? {}
        : { 'last-event-id': String(options.after), [feedLeaseHeader]: String(options.leaseMs) }),
      ...(options.remembers === undefined
        ? {}
        : { [feedAuditHeader]: `${String(options.remembers.sequence)} ${options.remembers.hash}` }),
    },
    signal,
    // Silence is watched for on the injected clock; undici's own limits would end a quiet stream.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  if (answer.statusCode !== 200 || !isEventStream(answer.headers['content-type'])) throw await refusedAnswer(answer);
  options.onOpen();
  const events = new EventStream(mostEnvelopeCharacters);
  // Anything but ASCII is malformed: the envelope is base64url.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Uint8Array): string => decoder.decode(bytes, { stream: true });
  for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
    for (const event of completed(events, () => decode(bytes))) {
      if (options.onEvent(event)) watch.heard();
    }
  }
  throw new Refusal('CS-FEED-008', { reason: 'the authority ended the stream' });
}

function completed(events: EventStream, text: () => string): readonly ServerSentEvent[] {
  try {
    return events.push(text());
  } catch (cause) {
    throw new Refusal('CS-FEED-001', { rule: 'the stream is text, in events of bounded size' }, { cause });
  }
}

function isEventStream(type: string | string[] | undefined): boolean {
  return typeof type === 'string' && /^text\/event-stream(?:;|$)/i.test(type);
}

async function refusedAnswer({ statusCode, body }: Dispatcher.ResponseData): Promise<Refusal> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > mostProblemBytes) break;
    parts.push(part);
  }
  const cause = problemIn(Buffer.concat(parts).toString('utf8'));
  return new Refusal('CS-FEED-008', { reason: cause?.message ?? `status ${statusCode}` }, { cause });
}

function problemIn(text: string): Refusal | undefined {
  try {
    return fromProblemDocument(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Ends the stream when nothing was heard for too long: an open connection alone says nothing. */
class SilenceWatch {
  readonly #options: FeedStreamOptions;
  readonly #ending: AbortController;
  #timer: Timer | undefined;

  constructor(options: FeedStreamOptions, ending: AbortController) {
    this.#options = options;
    this.#ending = ending;
    this.heard();
  }

  heard(): void {
    this.#timer?.cancel();
    const silentMs = this.#options.silenceMs();
    this.#timer = this.#options.clock.after(silentMs, () =>
      this.#ending.abort(new Refusal('CS-FEED-007', { silentMs })),
    );
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}
