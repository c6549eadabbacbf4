/** A program that speaks HTTP/2 without TLS and without asking (RFC 9113, 3.3), as those of gRPC do. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { http2Headers, withoutPseudoHeaders } from './http2-headers.ts';
import { endToEndHeaders, type HeaderList } from './program-headers.ts';
import type { Answer, Asking, CallersConnection, Program, Question, Upstream } from './program.ts';

interface Link {
  readonly place: string;
  readonly session: ClientHttp2Session;
}

/** One connection to the program for each of a caller's: they share no flow control, and each ends with its caller. */
export function http2Program(): Program {
  const links = new WeakMap<CallersConnection, Link>();
  return {
    ask: (question) => {
      const { connection, upstream } = question;
      const place = placeOf(upstream);
      const known = links.get(connection);
      const { session } = known?.place === place && isOpen(known) ? known : link(place, connection, links);
      return askOver(session, question);
    },
  };
}

function placeOf({ host, port }: Upstream): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isOpen({ session }: Link): boolean {
  return !session.closed && !session.destroyed;
}

function link(place: string, connection: CallersConnection, links: WeakMap<CallersConnection, Link>): Link {
  const made = { place, session: connect(`http://${place}`, { settings: { enablePush: false } }) };
  // Its streams hear of it.
  made.session.on('error', () => undefined);
  connection.once('close', () => made.session.destroy());
  links.set(connection, made);
  return made;
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
