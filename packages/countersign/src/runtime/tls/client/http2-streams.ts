/**
 * The streams of HTTP/2 on a connection of ours, whoever makes its session: undici and grpc-js make theirs themselves, and a session reads its socket
 * natively. node:http2 tells of each stream before anything comes on it.
 */
import { subscribe } from 'node:diagnostics_channel';
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { type Gate, gateReadable } from '../trust/gate.ts';

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_STREAM_STATE_IDLE } = constants;

/** A session shows its socket through a proxy that no map knows, but that reads whatever the socket has. */
const streamsOf: unique symbol = Symbol('streams');

interface Bearer {
  readonly [streamsOf]?: Streams;
}

let subscribed = false;

/** To be called before the socket is given to anybody: no stream hands anything on that the gate does not let pass. */
export function gateHttp2Streams(socket: TLSSocket, gate: Gate): void {
  Object.assign(socket, { [streamsOf]: new Streams(gate) } satisfies Bearer);
  if (!subscribed) subscribe('http2.client.stream.created', onCreated);
  subscribed = true;
}

function onCreated(message: unknown): void {
  const { stream } = message as { readonly stream: ClientHttp2Stream };
  // Typed as any session.
  const session = stream.session as ClientHttp2Session | undefined;
  // One that has lost its socket hands nothing on.
  if (session === undefined || session.destroyed) return;
  (session.socket as Bearer)[streamsOf]?.add(stream, session);
}

class Streams {
  readonly #gate: Gate;
  readonly #open = new Set<ClientHttp2Stream>();
  #session: ClientHttp2Session | undefined;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  add(stream: ClientHttp2Stream, session: ClientHttp2Session): void {
    gateStream(stream, this.#gate);
    if (this.#session === undefined) session.on('goaway', () => this.#refuseUnsent());
    this.#session = session;
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
  }

  /**
   * After a GOAWAY nothing new is sent (RFC 9113, 6.8), and node:http2 leaves a request that was not on its way yet open without a word until the connection
   * ends (tried on 24.21 and 26.10). As one that the server refused it can be made again.
   */
  #refuseUnsent(): void {
    for (const stream of this.#open)
      if (stream.state.state === NGHTTP2_STREAM_STATE_IDLE) stream.close(NGHTTP2_REFUSED_STREAM);
  }
}

/** What the other side sent, and does not come through `push`. */
const fieldsOfPeer: ReadonlySet<string | symbol> = new Set(['response', 'headers', 'trailers', 'push']);

function gateStream(stream: ClientHttp2Stream, gate: Gate): void {
  gateReadable(stream, gate);
  const emit = stream.emit.bind(stream) as (event: string | symbol, ...facts: readonly unknown[]) => boolean;
  stream.emit = (event: string | symbol, ...facts: readonly unknown[]): boolean =>
    fieldsOfPeer.has(event) && !gate.passes() ? false : emit(event, ...facts);
}
