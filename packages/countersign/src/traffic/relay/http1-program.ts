/** A program that speaks HTTP/1.1. */
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../ground/clock/index.ts';
import { Http1Exchange } from './http1-exchange.ts';
import { type AnswerBounds, defaultAnswerBounds, Http1Link } from './http1-link.ts';
import { questionHead } from './http1-question.ts';
import { brokenBy } from './program-failure.ts';
import type { Asking, Program, Question, Upstream } from './program.ts';

export interface Http1ProgramOptions {
  readonly clock: Clock;
  readonly bounds?: Partial<AnswerBounds>;
  /** Default: TCP. A connection that is promised must be open when the promise resolves. */
  readonly open?: (upstream: Upstream) => Socket | Promise<Socket>;
  /** Whether a connection that is there may carry another request: asked before each. Default: it may. */
  readonly mayAsk?: ((connection: Socket) => boolean) | undefined;
  /** How long a connection without a request is used again, where the program does not say how long it keeps it. Default 30 s. */
  readonly keepMs?: number;
  /** Connections without a request that are kept for one place. Default 256. */
  readonly mostIdle?: number;
}

export interface Http1Program extends Program {
  /** No connection that is there is used for another request: another identity is presented from now on. */
  retire(): void;
}

interface Idle {
  readonly link: Http1Link;
  readonly until: number;
}

/** Its connections are used again, for every caller: what tells callers apart is in each request. */
export function http1Program(options: Http1ProgramOptions): Http1Program {
  const pool = new Pool(options);
  return {
    ask: (question) => pool.ask(question),
    retire: () => pool.retire(),
  };
}

class Pool {
  readonly #clock: Clock;
  readonly #bounds: AnswerBounds;
  readonly #open: (upstream: Upstream) => Socket | Promise<Socket>;
  readonly #mayAsk: Http1ProgramOptions['mayAsk'];
  readonly #keepMs: number;
  readonly #mostIdle: number;
  #idle = new Map<string, Idle[]>();
  #last: { readonly upstream: Upstream; readonly place: string } | undefined;

  constructor(options: Http1ProgramOptions) {
    const { clock, bounds, open = overTcp, mayAsk, keepMs = 30_000, mostIdle = 256 } = options;
    this.#clock = clock;
    this.#bounds = { ...defaultAnswerBounds, ...bounds };
    this.#open = open;
    this.#mayAsk = mayAsk;
    this.#keepMs = keepMs;
    this.#mostIdle = mostIdle;
  }

  ask(question: Question): Asking {
    const exchange = new Http1Exchange(question.method, questionHead(question));
    const { upstream, nowMs } = question;
    const place = this.#placeOf(upstream);
    const link = this.#takeIdle(place, nowMs);
    if (link === undefined) this.#askOverNew(upstream, place, exchange);
    else link.ask(exchange);
    return exchange;
  }

  /** Put together once for those that ask with the same object again. */
  #placeOf(upstream: Upstream): string {
    if (this.#last?.upstream !== upstream) this.#last = { upstream, place: `${upstream.host}:${upstream.port}` };
    return this.#last.place;
  }

  retire(): void {
    const idle = this.#idle;
    this.#idle = new Map();
    for (const links of idle.values()) for (const { link } of [...links]) link.close();
  }

  #takeIdle(place: string, nowMs: number | undefined): Http1Link | undefined {
    for (;;) {
      const link = this.#takeLast(place, nowMs);
      if (link === undefined || this.#mayAsk === undefined || this.#mayAsk(link.socket)) return link;
      link.close();
    }
  }

  #takeLast(place: string, nowMs: number | undefined): Http1Link | undefined {
    const links = this.#idle.get(place);
    const last = links?.pop();
    if (last === undefined || links === undefined) return undefined;
    if (last.until > (nowMs ?? this.#clock.monotonic())) return last.link;
    // The one that was used last: none of the others is younger than it by much, and all that are past their time go.
    last.link.close();
    const now = this.#clock.monotonic();
    for (const { link, until } of [...links]) if (until <= now) link.close();
    return links.pop()?.link;
  }

  #askOverNew(upstream: Upstream, place: string, exchange: Http1Exchange): void {
    // Of now: where it is opened meanwhile, a retirement counts for it, too.
    const idle = this.#idle;
    const opened = this.#open(upstream);
    if (!(opened instanceof Promise)) {
      this.#link(opened, place, idle).ask(exchange);
      return;
    }
    opened.then(
      (socket) => {
        if (exchange.over) socket.destroy();
        else this.#link(socket, place, idle).ask(exchange);
      },
      (error: unknown) =>
        exchange.fail(brokenBy(error instanceof Error ? error : new Error(String(error)), 'unreachable')),
    );
  }

  #link(socket: Socket, place: string, idle: Map<string, Idle[]>): Http1Link {
    return new Http1Link(socket, this.#bounds, {
      onIdle: (link, keepMs = this.#keepMs) => {
        const links = idle.get(place) ?? [];
        // It was opened before the last `retire`.
        if (idle !== this.#idle || links.length >= this.#mostIdle) {
          link.close();
          return;
        }
        if (links.length === 0) idle.set(place, links);
        links.push({ link, until: this.#clock.monotonic() + keepMs });
      },
      onGone: (link) => {
        const links = idle.get(place);
        const at = links?.findIndex((one) => one.link === link) ?? -1;
        if (at >= 0) links?.splice(at, 1);
        if (links?.length === 0) idle.delete(place);
      },
    });
  }
}

function overTcp({ host, port }: Upstream): Socket {
  return connect({ host, port, noDelay: true });
}
