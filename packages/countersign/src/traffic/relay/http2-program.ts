/** A program that speaks HTTP/2: without TLS and without asking (RFC 9113, 3.3), as those of gRPC do, or over a connection that is made for it. */
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Clock } from '../../ground/clock/index.ts';
import { askLater as askOnce } from './later-asking.ts';
import { onCutOff } from './cut-off-stream.ts';
import { http2Headers, withoutPseudoHeaders } from './http2-headers.ts';
import { Http2Link } from './http2-link.ts';
import { endToEndHeaders, type HeaderList } from './program-headers.ts';
import { ProgramFailure } from './program-failure.ts';
import type { Answer, Asking, Program, Question, Upstream } from './program.ts';

export interface Http2ProgramOptions {
  readonly clock: Clock;
  /** Default: TCP. A connection that is promised must be open when the promise resolves. */
  readonly open?: (upstream: Upstream) => Socket | Promise<Socket>;
  /** Whether a connection that is there may carry another request: asked before each. Default: it may. */
  readonly mayAsk?: ((connection: Socket) => boolean) | undefined;
  /** Requests under way on one connection; the program may allow fewer. Default 100. */
  readonly mostStreams?: number;
  /** How long a connection without a request is kept. Default 30 s. */
  readonly keepMs?: number;
}

export interface Http2Program extends Program {
  /** No connection that is there is used for another request; each ends with the last that it has. */
  retire(): void;
}

/** Its connections are shared by all callers: what tells callers apart is in each request. */
export function http2Program(options: Http2ProgramOptions): Http2Program {
  const pool = new Pool(options);
  return { ask: (question) => pool.ask(question), retire: () => pool.retire() };
}

/** Own choice; what RFC 9113, 6.5.2 asks programs to allow at least. */
const mostStreamsByDefault = 100;

class Pool {
  readonly #options: Http2ProgramOptions;
  readonly #links = new Map<string, Http2Link[]>();

  constructor(options: Http2ProgramOptions) {
    this.#options = options;
  }

  ask(question: Question): Asking {
    const link = this.#linkTo(question.upstream);
    const release = link.take();
    try {
      const { session } = link;
      const over = (open: ClientHttp2Session): Asking =>
        askOver(open, question, { release, endedBy: () => link.endedBy });
      return session instanceof Promise ? askLater(session, question, { release, over }) : over(session);
    } catch (error) {
      release();
      throw error;
    }
  }

  retire(): void {
    const all = [...this.#links.values()].flat();
    this.#links.clear();
    for (const link of all) link.retire();
  }

  /** The first with room, so that those that came for a peak run empty and end. */
  #linkTo(upstream: Upstream): Http2Link {
    const { host, port } = upstream;
    const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const links = this.#links.get(place) ?? [];
    const known = links.find((link) => link.hasRoom());
    if (known !== undefined) return known;
    const { clock, open = overTcp, mayAsk, mostStreams = mostStreamsByDefault, keepMs = 30_000 } = this.#options;
    const link = new Http2Link(open(upstream), {
      place,
      clock,
      mayAsk,
      mostStreams,
      keepMs,
      onGone: (gone) => this.#drop(place, gone),
    });
    links.push(link);
    this.#links.set(place, links);
    return link;
  }

  #drop(place: string, gone: Http2Link): void {
    const left = (this.#links.get(place) ?? []).filter((link) => link !== gone);
    if (left.length === 0) this.#links.delete(place);
    else this.#links.set(place, left);
  }
}

function overTcp({ host, port }: Upstream): Socket {
  return connectTcp({ host, port, noDelay: true });
}

interface Later {
  readonly release: () => void;
  readonly over: (open: ClientHttp2Session) => Asking;
}

function askLater(session: Promise<ClientHttp2Session>, { hasBody }: Question, { release, over }: Later): Asking {
  session.catch(release);
  const asking = askOnce(
    session.then((open) => () => over(open)),
    hasBody,
  );
  return {
    ...asking,
    // Where it was never asked, nothing of it ends there.
    giveUp: () => {
      asking.giveUp();
      release();
    },
  };
}

interface Under {
  /** Called once or often, when nothing of it is under way there any more. */
  readonly release: () => void;
  /** What its connection was ended with, if that is why. */
  readonly endedBy: () => Error | undefined;
}

function askOver(
  session: ClientHttp2Session,
  { method, target, headers, hasBody }: Question,
  { release, endedBy }: Under,
): Asking {
  const stream = session.request(
    {
      ...http2Headers(headers.filter(([name]) => name.toLowerCase() !== 'host')),
      ':method': method,
      ':path': target,
      ':authority': headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '',
      // Ours, for this connection; programs of gRPC look for it.
      te: 'trailers',
    },
    { endStream: !hasBody, waitForTrailers: hasBody },
  );
  let trailers: HeaderList = [];
  stream.once('close', release);
  stream.on('wantTrailers', () => stream.sendTrailers(http2Headers(trailers)));
  return {
    body: hasBody ? stream : undefined,
    trail: (given) => (trailers = given),
    on: (listeners) => {
      stream.once('response', (parsed: { ':status'?: number }, flags: number, raw: readonly string[]) =>
        listeners.onAnswer(answerOf(stream, parsed[':status'] ?? 502, flags, raw)),
      );
      let answered = false;
      stream.once('response', () => (answered = true));
      stream.on('error', (error: Error) => listeners.onFailure(error));
      onCutOff(stream, () => {
        if (!answered) return;
        const cause = endedBy();
        listeners.onFailure(new ProgramFailure('cut-off', 'it left its answer before the end', cause && { cause }));
      });
      // A reset without an error has no error either.
      stream.once('close', () => {
        if (!answered) listeners.onFailure(new Error('the stream was closed without an answer'));
      });
    },
    giveUp: () => {
      if (!stream.destroyed) stream.close(constants.NGHTTP2_CANCEL);
    },
  };
}

function answerOf(stream: ClientHttp2Stream, status: number, flags: number, raw: readonly string[]): Answer {
  let trailers: readonly string[] = [];
  stream.once('trailers', (_: unknown, __: unknown, given: readonly string[]) => (trailers = given));
  return {
    status,
    reason: undefined,
    headers: endToEndHeaders(withoutPseudoHeaders(raw)),
    body: stream,
    bodiless: (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0,
    trailers: () => trailers,
  };
}
