/** An admitted connection of HTTP while it is served, which can be given up in good order: what is under way ends, and nothing new begins. */
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';
import { expiryOf } from '../trust/trust.ts';
import { serverNameOf } from './host-agreement.ts';
import type { Admitted } from './interpose.ts';

export interface ServedConnection {
  readonly admitted: Admitted;
  /** Canonical; `undefined` where the client asked for none. */
  readonly serverName: string | undefined;
  /** Gives it up: ahead of an expiry, or because the server closes. */
  retire(): void;
}

/** How long an idle connection of HTTP/1.1 is left to its next request, which then ends it in good order. Our own choice; half of what is left where that is less. */
const longestIdleMs = 5_000;

export class Http1Connection implements ServedConnection {
  readonly admitted: Admitted;
  readonly serverName: string | undefined;
  readonly #socket: TLSSocket;
  readonly #clock: Clock;
  #retiring = false;
  #upgraded = false;
  /** Of the newest request: responses go out in order (RFC 9112, 9.3.2), so that those before are finished before it is. */
  #newest: ServerResponse | undefined;
  /** Those that came while another was unanswered: of them alone Node may forget that they are over. */
  #queued: ServerResponse[] = [];
  /** There was a request. */
  #asked = false;
  /** One for all of its responses. What rests keeps nothing of what it was asked: that is several KiB. */
  readonly #forget: () => void;

  constructor(socket: TLSSocket, admitted: Admitted, clock: Clock) {
    this.#socket = socket;
    this.admitted = admitted;
    this.serverName = serverNameOf(socket);
    this.#clock = clock;
    this.#forget = () => {
      if (this.#newest?.closed !== true) return;
      this.#newest = undefined;
      if (this.#queued.length > 0) this.#queued = [];
    };
  }

  /** A request of it is not answered yet. */
  get isAnswering(): boolean {
    return this.#newest !== undefined;
  }

  begin(response: ServerResponse): void {
    this.#asked = true;
    if (this.#newest !== undefined) this.#queue(response);
    this.#newest = response;
    response.on('close', this.#forget);
    if (this.#retiring || this.#clock.now() >= this.admitted.retireAt) response.shouldKeepAlive = false;
  }

  /** From now on it is its owner's. */
  upgrade(): void {
    this.#upgraded = true;
    // Node has taken off the listener by which the answers that wait for their turn hear of its end.
    const queued = this.#queued;
    if (queued.length > 0) this.#socket.once('close', () => queued.forEach((response) => response.destroy()));
  }

  #queue(response: ServerResponse): void {
    while (this.#queued[0]?.closed === true) this.#queued.shift();
    this.#queued.push(response);
  }

  retire(): void {
    if (this.#retiring || this.#upgraded) return;
    this.#retiring = true;
    // Its first request may be on its way, and ends it; one that never comes is ended by Node's timeout for headers.
    if (!this.#asked) return;
    const newest = this.#newest;
    if (newest === undefined) {
      this.#endWhenIdle();
      return;
    }
    // Node looks at it when it writes the header; a response whose header is written ends nothing.
    newest.shouldKeepAlive = false;
    newest.once('close', () => this.#endWhenIdle());
  }

  #endWhenIdle(): void {
    const timer = this.#clock.after(this.#idleMs(), () => this.#endIdle(), { unref: true });
    this.#socket.once('close', () => timer.cancel());
  }

  #idleMs(): number {
    const { live, retireAt } = this.admitted;
    return live === undefined ? longestIdleMs : Math.min(longestIdleMs, (expiryOf(live.peer) - retireAt) / 2);
  }

  /** One with a request under way ends behind its response. */
  #endIdle(): void {
    if (!this.#upgraded && this.#newest === undefined) this.#socket.destroySoon();
  }
}

/**
 * After its GOAWAY a session stays open for as long as requests may be on their way: what the kernel had to throw away would take the GOAWAY with it, by
 * which clients know that those requests were not looked at, and can be made again (RFC 9113, 6.8). Our own choice: longer than any round trip.
 */
const lastRequestsMs = 1_000;

export class Http2Connection implements ServedConnection {
  readonly admitted: Admitted;
  readonly serverName: string | undefined;
  readonly session: ServerHttp2Session;
  readonly #clock: Clock;
  #retiring = false;

  constructor(socket: TLSSocket, session: ServerHttp2Session, admitted: Admitted, clock: Clock) {
    this.session = session;
    this.admitted = admitted;
    this.serverName = serverNameOf(socket);
    this.#clock = clock;
  }

  retire(): void {
    if (this.#retiring || this.session.closed || this.session.destroyed) return;
    this.#retiring = true;
    // With the last stream that was begun: one with the largest number would not let more in, since nghttp2 ignores what comes after any GOAWAY.
    this.session.goaway(0);
    const timer = this.#clock.after(lastRequestsMs, () => this.session.close(), { unref: true });
    this.session.once('close', () => timer.cancel());
  }
}
