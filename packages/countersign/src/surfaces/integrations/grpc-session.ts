/** The session of HTTP/2 that grpc-js makes of a connection and keeps to itself: node:http2 tells of it with its first call. */
import { subscribe } from 'node:diagnostics_channel';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';

/** A session shows its socket through a proxy that no map knows, but that reads whatever the socket has. */
const place: unique symbol = Symbol('session');

interface Bearer {
  readonly [place]?: { session: Http2Session | undefined };
}

let subscribed = false;

/**
 * To be called before grpc-js gets the socket. What is returned sends a GOAWAY with the last call that was begun: clients make those that were on their way
 * again (RFC 9113, 6.8). grpc-js's own `drain` ends an idle connection with it, and what the kernel then throws away takes the GOAWAY along.
 */
export function announcerOf(socket: TLSSocket): () => void {
  const held: { session: Http2Session | undefined } = { session: undefined };
  Object.assign(socket, { [place]: held } satisfies Bearer);
  if (!subscribed) subscribe('http2.server.stream.created', onStream);
  subscribed = true;
  return () => {
    const { session } = held;
    if (session !== undefined && !session.closed && !session.destroyed) session.goaway(0);
  };
}

function onStream(message: unknown): void {
  const { session } = (message as { readonly stream: ServerHttp2Stream }).stream;
  if (session === undefined || session.destroyed) return;
  const held = (session.socket as Bearer)[place];
  if (held !== undefined) held.session = session;
}
