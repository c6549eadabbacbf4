/** A program that speaks HTTP/2 without TLS and without asking (RFC 9113, 3.3), as those of gRPC do. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { askLater as askOnce } from './later-asking.ts';
import { http2Headers, withoutPseudoHeaders } from './http2-headers.ts';
import { endToEndHeaders, type HeaderList } from './program-headers.ts';
import type { Answer, Asking, CallersConnection, Program, Question, Upstream } from './program.ts';

interface Link {
  readonly place: string;
  readonly session: ClientHttp2Session | Promise<ClientHttp2Session>;
}

export interface Http2ProgramOptions {
  /** Default: TCP. A connection that is promised must be open when the promise resolves. */
  readonly open?: (upstream: Upstream) => Socket | Promise<Socket>;
}

/** One connection to the program for each of a caller's: they share no flow control, and each ends with its caller. */
export function http2Program({ open = overTcp }: Http2ProgramOptions = {}): Program {
  const links = new WeakMap<CallersConnection, Link>();
  return {
    ask: (question) => {
      const { connection, upstream } = question;
      const place = placeOf(upstream);
      const known = links.get(connection);
      const { session } = known?.place === place && isOpen(known) ? known : link(upstream, connection, links, open);
      return session instanceof Promise ? askLater(session, question) : askOver(session, question);
    },
  };
}

function overTcp({ host, port }: Upstream): Socket {
  return connectTcp({ host, port, noDelay: true });
}

function placeOf({ host, port }: Upstream): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isOpen({ session }: Link): boolean {
  return session instanceof Promise || (!session.closed && !session.destroyed);
}

function link(
  upstream: Upstream,
  connection: CallersConnection,
  links: WeakMap<CallersConnection, Link>,
  open: NonNullable<Http2ProgramOptions['open']>,
): Link {
  const place = placeOf(upstream);
  const keep = (session: Link['session']): Link => {
    const made = { place, session };
    links.set(connection, made);
    return made;
  };
  let gone = false;
  connection.once('close', () => (gone = true));
  const begin = (socket: Socket): ClientHttp2Session => {
    const session = sessionOver(socket, place);
    if (gone) session.destroy();
    else connection.once('close', () => session.destroy());
    return session;
  };
  const opened = open(upstream);
  if (!(opened instanceof Promise)) return keep(begin(opened));
  const session = opened.then(begin);
  session.then(keep, () => links.delete(connection));
  return keep(session);
}

function sessionOver(socket: Socket, place: string): ClientHttp2Session {
  const session = connect(`${socket instanceof TLSSocket ? 'https' : 'http'}://${place}`, {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  // Its streams hear of it.
  session.on('error', () => undefined);
  return session;
}

function askLater(session: Promise<ClientHttp2Session>, question: Question): Asking {
  return askOnce(
    session.then((open) => () => askOver(open, question)),
    question.hasBody,
  );
}

function askOver(session: ClientHttp2Session, { method, target, headers, hasBody }: Question): Asking {
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
  stream.on('wantTrailers', () => stream.sendTrailers(http2Headers(trailers)));
  return {
    body: hasBody ? stream : undefined,
    trail: (given) => (trailers = given),
    on: ({ onAnswer, onFailure }) => {
      stream.once('response', (parsed: { ':status'?: number }, flags: number, raw: readonly string[]) =>
        onAnswer(answerOf(stream, parsed[':status'] ?? 502, flags, raw)),
      );
      let answered = false;
      stream.once('response', () => (answered = true));
      stream.on('error', onFailure);
      // A reset without an error has no error either.
      stream.once('close', () => {
        if (!answered) onFailure(new Error('the stream was closed without an answer'));
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
