/** The facts of a request on its way through, and what is told of it once it is over. */
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { optionalPeerOf, type PeerBearer, type Unserved } from '../../../runtime/tls/index.ts';
import type { CheckedCaller, IncomingRequest } from '../../forwarded-identity/index.ts';
import type { Asked } from '../../relay/index.ts';
import { type Asker, decideRequest, type RequestDecision, type RequestInQuestion } from '../routing/decide-request.ts';
import { plainHost } from '../routing/request-target.ts';
import type { Route } from '../routing/route-table.ts';
import type { AccessRecord } from './access.ts';
import type { Noted } from './demands.ts';
import type { Generation } from './generation.ts';
import { traceIdIn } from './traces.ts';

export interface Passage {
  readonly began: number;
  readonly generation: Generation;
  readonly address: string;
  readonly peer: CheckedCaller | undefined;
  /** The proxy in front, by name. */
  readonly via: string | undefined;
  readonly traceId: string | undefined;
  readonly asker: Asker;
  readonly question: RequestInQuestion;
  readonly protocol: string;
  readonly decision: RequestDecision;
  readonly noted: Noted;
}

export type AllowedPassage = Passage & { readonly decision: Extract<RequestDecision, { allowed: true }> };

export function isAllowed(passage: Passage): passage is AllowedPassage {
  return passage.decision.allowed;
}

export interface Arrival {
  /** By which its peer is known. */
  readonly bearer: PeerBearer;
  readonly address: string;
  /** `host`: the one that the handshake was with, as the configuration names it. */
  readonly question: RequestInQuestion;
  readonly protocol: string;
  /** What nobody is served with, whatever the routes say. */
  readonly unserved?: Unserved | undefined;
}

export function passageOf(arrival: Arrival, asked: Asked | undefined, generation: Generation, clock: Clock): Passage {
  const { bearer, address, question, protocol } = arrival;
  const { host } = question;
  const { forwarding } = generation;
  const connected = optionalPeerOf(bearer);
  const taken =
    asked !== undefined && forwarding.takesAt(host)
      ? forwarding.take(host, connected, incoming(question, asked))
      : undefined;
  const outcome = taken === undefined ? connected : taken.outcome;
  const asker = generation.askerOf(outcome, host);
  return {
    began: clock.monotonic(),
    generation,
    address,
    peer: outcome !== undefined && 'peer' in outcome ? outcome.peer : undefined,
    via: taken?.via?.name,
    traceId: asked && traceIdIn(asked.rawHeaders),
    asker,
    question,
    protocol,
    decision:
      arrival.unserved === undefined
        ? decisionOn(generation, question, asker, asked)
        : denied(new Refusal(unservedCodes[arrival.unserved], { address })),
    noted: {},
  };
}

/** What has to be fetched of whom a proxy in front names is waited for before anything is decided, as in a handshake. */
export function awaitedFor(
  { bearer, question }: Arrival,
  asked: Asked | undefined,
  { forwarding }: Generation,
): Promise<unknown> | undefined {
  if (asked === undefined || !forwarding.takesAt(question.host)) return undefined;
  return forwarding.wait(question.host, optionalPeerOf(bearer), incoming(question, asked));
}

/** As the proxy in front has sent it. */
function incoming({ method, target }: RequestInQuestion, { rawHeaders }: Asked): IncomingRequest {
  const host = hostIn(rawHeaders, (found) => found);
  return { method, target, host: typeof host === 'string' ? host : '', rawHeaders };
}

export interface Outcome {
  /** `undefined`: none went out. */
  readonly status: number | undefined;
  readonly failure: Refusal | undefined;
  /** By what its route asks beyond who may call. */
  readonly denied: boolean;
}

export function recordOf(passage: Passage, { status, failure, denied }: Outcome, clock: Clock): AccessRecord {
  const { began, address, peer, via, traceId, asker, question, protocol, decision, noted } = passage;
  const { host, method, target } = question;
  const observed = decision.allowed ? (decision.observed ?? noted.refusal) : undefined;
  const refusal = failure ?? observed ?? (decision.allowed ? undefined : decision.refusal);
  const query = target.indexOf('?');
  return {
    atMs: clock.now(),
    address,
    peer: peer?.name,
    thumbprint: peer?.thumbprint,
    via,
    traceId,
    partner: partnerOf(asker),
    host,
    method,
    path: query < 0 ? target : target.slice(0, query),
    protocol,
    route: decision.route?.settings.name,
    decision: !decision.allowed || denied ? 'denied' : observed === undefined ? 'allowed' : 'observed',
    code: refusal?.code,
    status,
    durationMs: clock.monotonic() - began,
  };
}

export function partnerOf(asker: Asker): string | undefined {
  return asker !== undefined && 'partner' in asker ? asker.partner?.settings.name : undefined;
}

/** The host first: under which policy the caller was let in must be the policy of what is asked for. */
function decisionOn(
  generation: Generation,
  question: RequestInQuestion,
  asker: Asker,
  asked: Asked | undefined,
): RequestDecision {
  if (asked === undefined) return denied(new Refusal('CS-GATEWAY-010', { reason: 'a form that only HTTP/2 knows' }));
  const { host: handshake } = question;
  const host = hostIn(asked.rawHeaders);
  if (typeof host === 'object') return denied(new Refusal('CS-GATEWAY-011', host));
  if (generation.hostNamed(host) !== handshake) return denied(new Refusal('CS-GATEWAY-022', { host, handshake }));
  return decideRequest(generation.table, question, asker);
}

const unservedCodes = {
  CONNECT: 'CS-GATEWAY-069',
  Expect: 'CS-GATEWAY-089',
  Upgrade: 'CS-GATEWAY-093',
} as const satisfies Record<Unserved, string>;

function denied(refusal: Refusal): RequestDecision {
  return { allowed: false, route: undefined, refusal };
}

function hostIn(
  rawHeaders: readonly string[],
  read: (found: string) => string | undefined = plainHost,
): string | { readonly reason: string } {
  let found: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (found !== undefined) return { reason: 'two of them' };
    found = rawHeaders[at + 1] ?? '';
  }
  if (found === undefined) return { reason: 'none' };
  return read(found) ?? { reason: 'more than a name and a port' };
}

/** What is too much of it by its header alone. */
export function headerRefusal(
  { rawHeaders, hasBody }: Pick<Asked, 'rawHeaders' | 'hasBody'>,
  { settings: { name: route, bounds } }: Route,
): Refusal | undefined {
  let bytes = 0;
  let length = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    // With ": " and the end of the line.
    bytes += name.length + value.length + 4;
    if (name.length === 14 && name.toLowerCase() === 'content-length') length = Number(value);
  }
  if (bytes > bounds.headerBytes) return new Refusal('CS-GATEWAY-019', { route, mostBytes: bounds.headerBytes });
  if (hasBody && length > bounds.requestBytes)
    return new Refusal('CS-GATEWAY-018', { route, mostBytes: bounds.requestBytes });
  return undefined;
}
