/** One request from its arrival to the upstream and back: host, identity, route, decision, bounds; told and counted when it is over. */
import { IncomingMessage, type ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { optionalPeerOf, type Remote, type VerifiedPeer } from '../../../runtime/tls/index.ts';
import { type Asked, askedBy, type HeaderList, relayRequest, relayUpgrade, wayBackOver } from '../../relay/index.ts';
import { PrefaceMaker } from '../identity/preface-maker.ts';
import type { MakeHeaders } from '../identity/sent-identity.ts';
import { type Asker, decideRequest, type RequestDecision, type RequestInQuestion } from '../routing/decide-request.ts';
import { plainHost } from '../routing/request-target.ts';
import type { Route } from '../routing/route-table.ts';
import type { AccessRecord } from './access.ts';
import { AnswerDeadlines } from './answer-deadlines.ts';
import { answerRefusal, refusalBytes } from './answer-refusal.ts';
import { askAll, type Connection, type Denial } from './demands.ts';
import type { Generation } from './generation.ts';
import type { ChosenUpstream } from '../upstreams.ts';
import { MalformedRequests } from './malformed-requests.ts';
import type { UnderWay } from './under-way.ts';
import { WatchedWay } from './watched-way.ts';

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

export interface ServiceParts {
  readonly clock: Clock;
  readonly current: () => Generation;
  readonly headersFor: MakeHeaders;
  readonly underWay: UnderWay;
  readonly onAccess: (record: AccessRecord) => void;
  readonly onRefusal: (refusal: Refusal, remote: Remote) => void;
}

/** The facts of a request, gathered on its way. */
interface Passage {
  readonly began: number;
  readonly generation: Generation;
  readonly address: string;
  readonly peer: VerifiedPeer | undefined;
  readonly asker: Asker;
  readonly question: RequestInQuestion;
  readonly protocol: string;
  readonly decision: RequestDecision;
  /** What a demand only observed. */
  readonly noted: { refusal?: Refusal };
}

type AllowedPassage = Passage & { readonly decision: Extract<RequestDecision, { allowed: true }> };

interface AdmitFurther {
  readonly connection: Connection;
  readonly tell: (headers: HeaderList) => void;
  readonly isGone: () => boolean;
  readonly refuse: (denial: Denial) => void;
  readonly goOn: (passage: AllowedPassage) => void;
}

export class RequestService {
  readonly malformed: MalformedRequests;
  readonly #parts: ServiceParts;
  readonly #prefaces = new PrefaceMaker();
  readonly #answers: AnswerDeadlines;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    this.malformed = new MalformedRequests(parts.onRefusal);
    this.#answers = new AnswerDeadlines(parts.clock);
  }

  /** @param handshake the host that the connection's handshake was with, as the configuration names it */
  serve(handshake: string, request: Request, response: Response): void {
    const asked = askedBy(request);
    const wayBack = new WatchedWay(wayBackOver(response));
    const passage = this.#passage(handshake, request, asked);
    let failure: Refusal | undefined;
    let denied = false;
    const over = (): void => this.#tell(passage, wayBack.status, failure, denied);
    whenClosed(response, over);
    const refuse = (refusal: Refusal, more?: HeaderList, ends?: boolean): void => {
      failure = refusal;
      if (!wayBack.begun)
        answerRefusal(refusal, { wayBack, response, unread: asked === undefined || !asked.isWhole(), more, ends });
    };
    const { decision } = passage;
    let end = refuse;
    if (request instanceof IncomingMessage) {
      const { socket } = request;
      const served = {
        isWhole: () => request.complete,
        end: (refusal: Refusal) => end(refusal),
        onOver: (listener: () => void) => whenClosed(response, listener),
      };
      this.malformed.serving(socket, served);
      whenClosed(response, () => this.malformed.over(socket, served));
    }
    if (asked === undefined || !decision.allowed) {
      refuse(
        decision.allowed ? new Refusal('CS-GATEWAY-029', { route: decision.route.settings.name }) : decision.refusal,
      );
      asked?.body.resume();
      return;
    }
    const tooMuch = headerRefusal(asked, decision.route);
    if (tooMuch !== undefined) {
      refuse(tooMuch);
      asked.body.resume();
      return;
    }
    this.#admit({ ...passage, decision }, asked.rawHeaders, {
      connection: 'stream' in request ? (request.stream.session ?? request.stream) : request.socket,
      tell: (headers) => wayBack.alsoTell(headers),
      isGone: () => response.destroyed,
      refuse: ({ refusal, headers, ends }) => {
        denied = true;
        refuse(refusal, headers, ends);
        asked.body.resume();
      },
      goOn: (admitted) => (end = this.#relay(admitted, asked, { request, wayBack, response, refuse })),
    });
  }

  serveUpgrade(handshake: string, request: IncomingMessage, socket: TLSSocket, head: Buffer): void {
    const passage = this.#passage(handshake, request, askedBy(request));
    const { decision } = passage;
    const refuse = ({ refusal, headers }: Denial): void => {
      socket.on('error', () => undefined);
      socket.end(refusalBytes(refusal, headers));
      this.#tell(passage, refusal.http, refusal, decision.allowed);
    };
    if (!decision.allowed) {
      refuse(decision);
      return;
    }
    this.#admit({ ...passage, decision }, request.rawHeaders, {
      connection: socket,
      // What an upgrade is answered with is the program's own.
      tell: () => undefined,
      isGone: () => socket.destroyed,
      refuse,
      goOn: (admitted) => this.#upgrade(admitted, { request, socket, head, refuse }),
    });
  }

  /** What else the route asks: in this turn where nothing has to be fetched, since every request pays for a turn. */
  #admit(passage: AllowedPassage, rawHeaders: readonly string[], further: AdmitFurther, isCounted = false): void {
    const { connection, tell, isGone, refuse, goOn } = further;
    const { generation, decision, question, asker, peer, address } = passage;
    const { route } = decision;
    const all = generation.demandsOf(route);
    const demands = isCounted ? all.filter(({ counts }) => counts !== true) : all;
    const onObserved = (refusal: Refusal): void => void (passage.noted.refusal ??= refusal);
    const answer =
      demands.length === 0
        ? undefined
        : askAll(demands, { route, question, rawHeaders, asker, peer, address, connection, tell, onObserved });
    if (!(answer instanceof Promise)) {
      if (answer === undefined) goOn(passage);
      else refuse(answer);
      return;
    }
    const take = (denial: Denial | undefined): void => {
      if (isGone()) return;
      if (denial !== undefined) {
        refuse(denial);
        return;
      }
      const now = this.#decidedNow(passage);
      if ('refusal' in now) refuse(now);
      else if (now === passage) goOn(now);
      else this.#admit(now, rawHeaders, further, true);
    };
    answer.then(take, (error: unknown) => {
      take({ refusal: isRefusal(error) ? error : unanswered(route, reasonOf(error)) });
    });
  }

  /** Another configuration may have come while a demand was asked. */
  #decidedNow(passage: AllowedPassage): AllowedPassage | Denial {
    const generation = this.#parts.current();
    if (generation === passage.generation) return passage;
    const { peer, question } = passage;
    const asker = generation.askerOf(peer && { peer });
    const decision = decideRequest(generation.table, question, asker);
    return decision.allowed ? { ...passage, generation, asker, decision } : decision;
  }

  #upgrade(
    passage: AllowedPassage,
    {
      request,
      socket,
      head,
      refuse,
    }: { request: IncomingMessage; socket: TLSSocket; head: Buffer; refuse: (denial: Denial) => void },
  ): void {
    const { generation } = passage;
    const { route, target } = passage.decision;
    const name = route.settings.name;
    const chosen = generation.upstreams.choose(route.settings.upstream);
    if (isRefusal(chosen) || !chosen.upgrades) {
      refuse({ refusal: isRefusal(chosen) ? chosen : new Refusal('CS-GATEWAY-029', { route: name }) });
      return;
    }
    const { upstream, bounds } = route.settings;
    let failure: Refusal | undefined;
    let status: number | undefined;
    /** As long as the upstream has said nothing the caller is told why. */
    const end = (refusal: Refusal): void => {
      failure ??= refusal;
      if (status === undefined) socket.end(refusalBytes(failure), () => socket.destroy());
      else socket.destroy();
      status ??= failure.http;
    };
    const { answerMs: timeoutMs } = bounds;
    const timer = this.#parts.clock.after(
      timeoutMs,
      () => end(new Refusal('CS-GATEWAY-021', { route: name, upstream, timeoutMs })),
      { unref: true },
    );
    const ended = this.#parts.underWay.add(passage, end);
    socket.once('close', () => {
      timer.cancel();
      ended();
      chosen.done(failure === undefined && status !== undefined ? 'answered' : 'unknown');
      this.#tell(passage, status, failure);
    });
    relayUpgrade({
      request,
      target,
      socket,
      head,
      upstream: chosen.upstream,
      headers: this.#headers(passage, request.rawHeaders),
      open: () => chosen.open(this.#preface(chosen, passage, request)),
      onUnsayable: () => end(new Refusal('CS-GATEWAY-088', { route: name })),
      onAnswer: (given) => {
        timer.cancel();
        status = given;
      },
      onFailure: (error) => {
        if (failure === undefined) chosen.done('failed');
        end(isRefusal(error) ? error : chosen.failureOf(error));
      },
    });
  }

  #relay(
    passage: AllowedPassage,
    asked: Asked,
    {
      request,
      wayBack,
      response,
      refuse,
    }: { request: Request; wayBack: WatchedWay; response: Response; refuse: (refusal: Refusal) => void },
  ): (refusal: Refusal) => void {
    const { route, target } = passage.decision;
    const { name, upstream: upstreamName, bounds } = route.settings;
    const chosen = passage.generation.upstreams.choose(upstreamName);
    if (isRefusal(chosen)) {
      refuse(chosen);
      asked.body.resume();
      return refuse;
    }
    let end: (error: unknown) => void = () => undefined;
    const tooSlow = (timeoutMs: number): void =>
      end(new Refusal('CS-GATEWAY-021', { route: name, upstream: upstreamName, timeoutMs }));
    let answer: Timer | undefined;
    const waitForAnswer = (): void => {
      answer = this.#answers.within(bounds.answerMs, () => tooSlow(bounds.answerMs));
    };
    wayBack.onBegun(() => answer?.cancel());
    const ended = this.#parts.underWay.add(passage, (refusal) => end(refusal));
    whenClosed(response, () => {
      answer?.cancel();
      ended();
    });
    if (asked.hasBody) {
      // The upstream may wait for the end of the body; for how long that takes it is not to blame.
      asked.body.once('end', () => {
        if (!wayBack.begun && !response.destroyed) waitForAnswer();
      });
      this.#boundBody(asked, route, { end: (refusal) => end(refusal), tooSlow });
    } else waitForAnswer();
    const relaying = relayRequest({
      asked: { ...asked, target },
      wayBack,
      upstream: chosen.upstream,
      headers: this.#headers(passage, asked.rawHeaders),
      program: chosen.program,
      preface: this.#preface(chosen, passage, request),
      onUnsayable: () => {
        refuse(new Refusal('CS-GATEWAY-029', { route: name }));
        asked.body.resume();
      },
      onFailure: (error) => {
        refuse(isRefusal(error) ? error : unanswered(route, reasonOf(error)));
      },
    });
    end = (error) => relaying.end(error);
    return end;
  }

  /** Before `pour`, which takes the same data in the same turn. */
  #boundBody(
    { body }: Asked,
    { settings: { name: route, bounds } }: Route,
    { end, tooSlow }: { end: (refusal: Refusal) => void; tooSlow: (timeoutMs: number) => void },
  ): void {
    const { requestBytes: mostBytes, bodyMs: timeoutMs } = bounds;
    let left = mostBytes;
    body.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) end(new Refusal('CS-GATEWAY-018', { route, mostBytes }));
    });
    // It rests where the upstream takes no more of it: then it is not the caller who is slow.
    const late = (): void =>
      body.isPaused() ? tooSlow(timeoutMs) : end(new Refusal('CS-GATEWAY-020', { route, timeoutMs }));
    const timer = this.#parts.clock.after(timeoutMs, late, { unref: true });
    body.once('end', () => timer.cancel());
    body.once('close', () => timer.cancel());
  }

  #preface({ prefaced }: ChosenUpstream, { peer, asker }: Passage, request: Request): Uint8Array | undefined {
    return prefaced ? this.#prefaces.prefaceOf({ request, caller: peer, partner: partnerOf(asker) }) : undefined;
  }

  #headers(passage: AllowedPassage, rawHeaders: readonly string[]): HeaderList {
    const { peer: caller, asker, address, question, decision, generation } = passage;
    const { host, method } = question;
    const { route, target } = decision;
    const partner = partnerOf(asker);
    const { configuration } = generation;
    return this.#parts.headersFor({ rawHeaders, caller, partner, address, host, route, method, target, configuration });
  }

  #passage(handshake: string, request: Request, asked: Asked | undefined): Passage {
    const { clock, current } = this.#parts;
    const generation = current();
    const outcome = optionalPeerOf(request);
    const asker = generation.askerOf(outcome);
    const { method = 'GET', url: target = '/' } = request;
    const question = { host: handshake, method, target };
    return {
      began: clock.monotonic(),
      generation,
      address: request.socket.remoteAddress ?? 'not known',
      peer: outcome !== undefined && 'peer' in outcome ? outcome.peer : undefined,
      asker,
      question,
      protocol: `HTTP/${request.httpVersion}`,
      decision: decisionOn(generation, question, asker, asked),
      noted: {},
    };
  }

  /** @param denied by what its route asks beyond who may call */
  #tell(passage: Passage, status: number | undefined, failure: Refusal | undefined, denied = false): void {
    const { began, address, peer, asker, question, protocol, decision, noted } = passage;
    const { clock, onAccess } = this.#parts;
    const observed = decision.allowed ? (decision.observed ?? noted.refusal) : undefined;
    const refusal = failure ?? observed ?? (decision.allowed ? undefined : decision.refusal);
    onAccess({
      atMs: clock.now(),
      address,
      peer: peer?.name,
      thumbprint: peer?.thumbprint,
      partner: partnerOf(asker),
      host: question.host,
      method: question.method,
      path: question.target.split('?', 1)[0] ?? '',
      protocol,
      route: decision.route?.settings.name,
      decision: !decision.allowed || denied ? 'denied' : observed === undefined ? 'allowed' : 'observed',
      code: refusal?.code,
      status,
      durationMs: clock.monotonic() - began,
    });
  }
}

function partnerOf(asker: Asker): string | undefined {
  return asker !== undefined && 'partner' in asker ? asker.partner?.settings.name : undefined;
}

/** The host first: under which policy the caller was let in must be the policy of what is asked for. */
function decisionOn(
  generation: Generation,
  question: RequestInQuestion,
  asker: Asker,
  asked: Asked | undefined,
): RequestDecision {
  const denied = (refusal: Refusal): RequestDecision => ({ allowed: false, route: undefined, refusal });
  if (asked === undefined) return denied(new Refusal('CS-GATEWAY-010', { reason: 'a form that only HTTP/2 knows' }));
  const { host: handshake } = question;
  const host = hostIn(asked.rawHeaders);
  if (typeof host === 'object') return denied(new Refusal('CS-GATEWAY-011', host));
  if (generation.hostNamed(host) !== handshake) return denied(new Refusal('CS-GATEWAY-022', { host, handshake }));
  return decideRequest(generation.table, question, asker);
}

function hostIn(rawHeaders: readonly string[]): string | { readonly reason: string } {
  let found: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (found !== undefined) return { reason: 'two of them' };
    found = rawHeaders[at + 1] ?? '';
  }
  if (found === undefined) return { reason: 'none' };
  return plainHost(found) ?? { reason: 'more than a name and a port' };
}

function headerRefusal(
  { rawHeaders, hasBody }: Asked,
  { settings: { name: route, bounds } }: Route,
): Refusal | undefined {
  let bytes = 0;
  let length = 0;
  rawHeaders.forEach((text, at) => {
    // With ": " or the end of the line.
    bytes += text.length + 2;
    if (at % 2 === 0 && text.length === 14 && text.toLowerCase() === 'content-length')
      length = Number(rawHeaders[at + 1]);
  });
  if (bytes > bounds.headerBytes) return new Refusal('CS-GATEWAY-019', { route, mostBytes: bounds.headerBytes });
  if (hasBody && length > bounds.requestBytes)
    return new Refusal('CS-GATEWAY-018', { route, mostBytes: bounds.requestBytes });
  return undefined;
}

function unanswered({ settings: { name: route, upstream } }: Route, reason: string): Refusal {
  return new Refusal('CS-GATEWAY-017', { route, upstream, reason });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}

function whenClosed(response: Response, listener: () => void): void {
  // It is emitted once in any case, and `once` would cost another function and its removal.
  if ('stream' in response) response.stream.on('close', listener);
  else response.on('close', listener);
}
