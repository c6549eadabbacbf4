/** What serves requests: the parts that all of them share, and what is asked of those for each. */
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { Remote } from '../../../runtime/tls/index.ts';
import { PrefaceMaker } from '../identity/preface-maker.ts';
import type { MakeHeaders } from '../identity/sent-identity.ts';
import type { Route } from '../routing/route-table.ts';
import type { ChosenUpstream } from '../upstreams.ts';
import type { AccessRecord } from './access.ts';
import { AnswerDeadlines } from './answer-deadlines.ts';
import type { Connection } from './demands.ts';
import type { Generation } from './generation.ts';
import { MalformedRequests } from './malformed-requests.ts';
import { PacedStreams } from './paced-streams.ts';
import { type AllowedPassage, type Outcome, type Passage, partnerOf, recordOf } from './passage.ts';
import { SentBefore, type SentHeaders } from './sent-before.ts';
import { withSoundTraces } from './traces.ts';
import type { UnderWay } from './under-way.ts';

export interface ServiceOptions {
  readonly clock: Clock;
  readonly current: () => Generation;
  readonly headersFor: MakeHeaders;
  readonly underWay: UnderWay;
  readonly onAccess: (record: AccessRecord) => void;
  readonly onRefusal: (refusal: Refusal, remote: Remote) => void;
}

export class ServiceParts {
  readonly clock: Clock;
  readonly current: () => Generation;
  readonly underWay: UnderWay;
  readonly malformed: MalformedRequests;
  readonly answers: AnswerDeadlines;
  readonly paced: PacedStreams = new PacedStreams();
  readonly onRefusal: (refusal: Refusal, remote: Remote) => void;
  readonly #sent: SentBefore;
  readonly #onAccess: (record: AccessRecord) => void;
  readonly #prefaces = new PrefaceMaker();

  constructor({ clock, current, headersFor, underWay, onAccess, onRefusal }: ServiceOptions) {
    this.clock = clock;
    this.current = current;
    this.underWay = underWay;
    this.onRefusal = onRefusal;
    this.malformed = new MalformedRequests(onRefusal);
    this.answers = new AnswerDeadlines(clock);
    this.#sent = new SentBefore(withSoundTraces(headersFor));
    this.#onAccess = onAccess;
  }

  /** It is over. */
  tell(passage: Passage, outcome: Outcome): void {
    this.#onAccess(recordOf(passage, outcome, this.clock));
  }

  headersOf(passage: AllowedPassage, rawHeaders: readonly string[], connection: Connection): SentHeaders {
    const { peer: caller, asker, address, question, decision, generation } = passage;
    const { host, method } = question;
    const { route, target } = decision;
    const partner = partnerOf(asker);
    const { configuration } = generation;
    const sent = { rawHeaders, caller, partner, address, host, route, method, target, configuration };
    return this.#sent.headersFor(connection, sent);
  }

  prefaceOf(
    { prefaced }: ChosenUpstream,
    { peer, asker }: Passage,
    connection: Socket | Http2Session,
  ): Uint8Array | undefined {
    return prefaced ? this.#prefaces.prefaceOf({ connection, caller: peer, partner: partnerOf(asker) }) : undefined;
  }
}

export function unanswered({ settings: { name: route, upstream } }: Route, reason: string): Refusal {
  return new Refusal('CS-GATEWAY-017', { route, upstream, reason });
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
