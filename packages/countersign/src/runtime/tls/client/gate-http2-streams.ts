/**
 * Gates the streams of HTTP/2 on a connection of ours, whoever makes its session: undici and grpc-js make theirs themselves, and a session reads its
 * socket natively. node:http2 tells of each stream before anything comes on it.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { type Gate, gateReadable } from '../trust/gate.ts';

/** A session shows its socket through a proxy that no map knows, but that reads whatever the socket has. */
const gateOf: unique symbol = Symbol('gate');

interface Gated {
  readonly [gateOf]?: Gate;
}

let subscribed = false;

/** To be called before the socket is given to anybody. */
export function gateHttp2Streams(socket: TLSSocket, gate: Gate): void {
  Object.assign(socket, { [gateOf]: gate } satisfies Gated);
  if (subscribed) return;
  subscribed = true;
  subscribe('http2.client.stream.created', (message) => onStream((message as { stream: ClientHttp2Stream }).stream));
}

function onStream(stream: ClientHttp2Stream): void {
  const gate = gateOfSession(stream);
  if (gate === undefined) return;
  gateReadable(stream, gate);
  const emit = stream.emit.bind(stream) as (event: string | symbol, ...facts: readonly unknown[]) => boolean;
  stream.emit = (event: string | symbol, ...facts: readonly unknown[]): boolean =>
    fieldsOfPeer.has(event) && !gate.passes() ? false : emit(event, ...facts);
}

/** What the other side sent, and does not come through `push`. */
const fieldsOfPeer: ReadonlySet<string | symbol> = new Set(['response', 'headers', 'trailers', 'push']);

function gateOfSession({ session }: ClientHttp2Stream): Gate | undefined {
  try {
    return (session?.socket as Gated | undefined)?.[gateOf];
  } catch {
    // A session that has lost its socket hands nothing on.
    return undefined;
  }
}
