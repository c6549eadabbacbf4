/** One request from its arrival to the upstream and back; all that ends with it ends in one place, since each listener and closure costs more than a decision. */
import type { ServerResponse } from 'node:http';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Timer } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type Asked, type HeaderList, relayRequest, type RelayInProgress } from '../../relay/index.ts';
import type { Route } from '../routing/route-table.ts';
import { admit, admitAnew, type Admitted } from './admit.ts';
import { answerRefusal } from './answer-refusal.ts';
import { isCallerGone } from './caller-gone.ts';
import type { Denial } from './demands.ts';
import type { ServedRequest } from './malformed-requests.ts';
import type { StreamShare } from './paced-streams.ts';
import { type AllowedPassage, headerRefusal, isAllowed, type Passage } from './passage.ts';
import { reasonOf, type ServiceParts, unanswered } from './service-parts.ts';
import type { ForwardedCaller, Relayed } from './relayed.ts';
import type { WatchedWay } from './watched-way.ts';

export interface Served {
  readonly passage: Passage;
  readonly asked: Asked | undefined;
  readonly wayBack: WatchedWay;
  readonly response: ServerResponse | ServerHttp2Stream;
  readonly connection: Socket | Http2Session;
  /** It is counted there. */
  readonly share?: StreamShare;
}

export function serveRequest(parts: ServiceParts, served: Served): void {
  new Serving(parts, served).begin();
}

class Serving implements ServedRequest, Admitted, Relayed {
  readonly connection: Served['connection'];
  /** In `UnderWay`. */
  place = -1;
  caller: ForwardedCaller | undefined;
  readonly #parts: ServiceParts;
  readonly #asked: Asked | undefined;
  readonly #wayBack: WatchedWay;
  readonly #response: Served['response'];
  readonly #share: StreamShare | undefined;
  /** As it was decided on first: what is told of it. */
  readonly #told: Passage;
  /** As it goes on. */
  #passage: Passage;
  #failure: Refusal | undefined;
  #denied = false;
  #relaying: RelayInProgress | undefined;
  #answer: Timer | undefined;
  #onOver: (() => void) | undefined;
  /** Of the monotonic clock, as long as the turn lasts in which it came. */
  #nowMs: number | undefined;

  constructor(parts: ServiceParts, { passage, asked, wayBack, response, connection, share }: Served) {
    this.#parts = parts;
    this.#passage = passage;
    this.#told = passage;
    this.#asked = asked;
    this.#wayBack = wayBack;
    this.#response = response;
    this.#share = share;
    this.connection = connection;
  }

  get relayed(): Passage {
    return this.#passage;
  }

  begin(): void {
    const response = this.#response;
    const asked = this.#asked;
    const passage = this.#passage;
    listenForClose(response, this);
    if (this.#share === undefined) this.#parts.malformed.serving(this.connection, this);
    if (asked === undefined || !isAllowed(passage)) {
      this.#refuse(isAllowed(passage) ? unsayable(passage.decision.route) : refusalOf(passage));
      asked?.drop();
      return;
    }
    const tooMuch = headerRefusal(asked, passage.decision.route);
    if (tooMuch !== undefined) this.deny({ refusal: tooMuch }, false);
    else if (this.#share === undefined || !this.#parts.paced.isOver(this.#share)) {
      this.#nowMs = passage.began;
      admit(passage, asked.rawHeaders, this, this.#parts.current);
      this.#nowMs = undefined;
    } else
      this.#parts.paced.later({
        isGone: () => this.isGone(),
        begin: () => admitAnew(passage, asked.rawHeaders, this, this.#parts.current),
      });
  }

  /** What carried it has closed. */
  close(): void {
    const { malformed, underWay } = this.#parts;
    const { status } = this.#wayBack;
    this.#parts.tell(this.#told, { status, failure: this.#failure, denied: this.#denied });
    if (this.#share === undefined) malformed.over(this.connection, this);
    else this.#share.open -= 1;
    this.#answer?.cancel();
    underWay.remove(this);
    this.#wayBack.closed();
    this.#onOver?.();
  }

  /** Of `ServedRequest`. */
  isWhole(): boolean {
    return this.#asked === undefined || this.#asked.isWhole();
  }

  onOver(listener: () => void): void {
    this.#onOver = listener;
  }

  /** Breaks it off, or answers it. */
  end(refusal: Refusal): void {
    if (this.#relaying === undefined) this.#refuse(refusal);
    else this.#relaying.end(refusal);
  }

  tell(headers: HeaderList): void {
    this.#wayBack.alsoTell(headers);
  }

  isGone(): boolean {
    return isCallerGone(this.#response, this.connection);
  }

  deny({ refusal, headers, ends }: Denial, byDemand = true): void {
    this.#denied = byDemand;
    this.#refuse(refusal, headers, ends);
    this.#asked?.drop();
  }

  #refuse(refusal: Refusal, more?: HeaderList, ends?: boolean): void {
    this.#failure = refusal;
    const wayBack = this.#wayBack;
    if (wayBack.begun) return;
    const unread = this.#asked === undefined || !this.#asked.isWhole();
    answerRefusal(refusal, { wayBack, response: this.#response, unread, more, ends });
  }

  goOn(passage: AllowedPassage): void {
    this.#passage = passage;
    const asked = this.#asked;
    if (asked === undefined) return;
    const { route, target } = passage.decision;
    const { name, upstream } = route.settings;
    const parts = this.#parts;
    const fallen = parts.underWay.add(this, asked.hasBody ? asked.body : undefined);
    if (fallen !== undefined) {
      this.deny({ refusal: fallen });
      return;
    }
    const chosen = passage.generation.upstreams.choose(upstream);
    if (isRefusal(chosen)) {
      this.#refuse(chosen);
      asked.drop();
      return;
    }
    const headers = parts.headersOf(passage, asked.rawHeaders, this.connection);
    const preface = parts.prefaceOf(chosen, passage, this.connection);
    this.#wayBack.onBegun(() => this.#answer?.cancel());
    const nowMs = this.#nowMs ?? parts.clock.monotonic();
    if (asked.hasBody) this.#boundBody(asked, route);
    else this.#waitForAnswer(route, nowMs);
    this.#relaying = relayRequest({
      asked,
      target,
      wayBack: this.#wayBack,
      upstream: chosen.upstream,
      headers: headers.list,
      written: headers,
      program: chosen.program,
      preface,
      nowMs,
      onUnsayable: () => {
        this.#refuse(new Refusal('CS-GATEWAY-029', { route: name }));
        asked.drop();
      },
      onFailure: (error) => {
        this.#refuse(isRefusal(error) ? error : unanswered(route, reasonOf(error)));
      },
    });
  }

  #waitForAnswer(route: Route, nowMs?: number): void {
    const { answerMs } = route.settings.bounds;
    this.#answer = this.#parts.answers.within(answerMs, () => this.#tooSlow(route, answerMs), nowMs);
  }

  #tooSlow({ settings: { name: route, upstream } }: Route, timeoutMs: number): void {
    this.#relaying?.end(new Refusal('CS-GATEWAY-021', { route, upstream, timeoutMs }));
  }

  /** Before `pour`, which takes the same data in the same turn. */
  #boundBody({ body }: Asked, route: Route): void {
    const { name, bounds } = route.settings;
    const { requestBytes: mostBytes, bodyMs: timeoutMs } = bounds;
    let left = mostBytes;
    body.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) this.#relaying?.end(new Refusal('CS-GATEWAY-018', { route: name, mostBytes }));
    });
    // It rests where the upstream takes no more of it: then it is not the caller who is slow.
    const late = (): void => {
      if (body.isPaused()) this.#tooSlow(route, timeoutMs);
      else this.#relaying?.end(new Refusal('CS-GATEWAY-020', { route: name, timeoutMs }));
    };
    const timer = this.#parts.clock.after(timeoutMs, late, { unref: true });
    body.once('end', () => {
      timer.cancel();
      // The upstream may wait for the end of the body; for how long that takes it is not to blame.
      if (!this.#wayBack.begun && !this.#response.destroyed) this.#waitForAnswer(route);
    });
    body.once('close', () => timer.cancel());
  }
}

/**
 * It is emitted once in any case, and `once` would cost another function and its removal. The listener leads nowhere then: Node's table of streams keeps
 * each of them for long, and with it whatever it leads to.
 */
function listenForClose(response: Served['response'], serving: Serving): void {
  let closing: Serving | undefined = serving;
  response.on('close', () => {
    closing?.close();
    closing = undefined;
  });
}

function unsayable({ settings: { name: route } }: Route): Refusal {
  return new Refusal('CS-GATEWAY-029', { route });
}

function refusalOf({ decision }: Passage): Refusal {
  if (decision.allowed) throw new TypeError('it is allowed');
  return decision.refusal;
}
