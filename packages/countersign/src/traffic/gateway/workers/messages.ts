/** What the primary and its workers say to each other, over the channel that Node makes between a process and one that it started. */
import type { MetricFamily } from '../../../runtime/telemetry/index.ts';
import type { Listening } from '../../../runtime/tls/index.ts';
import type { Limits, ToldUsage } from '../../limits/index.ts';
import type { Contents } from '../configuration/load-configuration.ts';
import type { CountedDecision } from '../evidence/decision.ts';
import type { CheckPlace } from '../serving/check-listener.ts';
import type { HandedPartners } from '../registry/registered-partners.ts';
import type { Closed } from '../registry/registry.ts';
import type { Seen } from '../operating/admin-view.ts';
import type { ToldRefusal } from '../told-refusal.ts';

export interface KeptUse {
  readonly key: string;
  readonly today: number;
  readonly wholeInMs: number;
}

export type LimiterName = 'known' | 'strangers';

/** Keys travel here and in no argument or variable, which others of this machine could read. */
export type ToWorker =
  | {
      readonly kind: 'start';
      readonly path: string;
      readonly contents: Contents;
      readonly port: number | undefined;
      /** Of the one worker that has the check listener. */
      readonly check: CheckPlace | undefined;
      readonly registered: HandedPartners;
      readonly used: Readonly<Record<LimiterName, readonly KeptUse[]>>;
      readonly halted: ToldRefusal | undefined;
    }
  | {
      readonly kind: 'prepare';
      readonly id: number;
      readonly path: string;
      readonly contents: Contents;
      readonly registered: HandedPartners;
    }
  | { readonly kind: 'partners'; readonly id: number; readonly registered: HandedPartners }
  | { readonly kind: 'keys'; readonly text: string }
  /** Requests are refused with this, or go on. */
  | { readonly kind: 'halt'; readonly halted: ToldRefusal | undefined }
  | { readonly kind: 'commit' | 'abandon'; readonly id: number }
  | { readonly kind: 'used'; readonly of: LimiterName; readonly used: readonly ToldUsage[] }
  | { readonly kind: 'connected'; readonly id: number; readonly held: boolean }
  | { readonly kind: 'look'; readonly id: number; readonly path: string }
  | { readonly kind: 'measure'; readonly id: number }
  /** What it told of decisions is in the hands of who writes. */
  | { readonly kind: 'heard' }
  | { readonly kind: 'drain' };

/** Answers carry the number of what they answer. */
export type FromWorker =
  | { readonly kind: 'here' }
  | { readonly kind: 'listening'; readonly at: Listening; readonly check: Listening | undefined }
  | { readonly kind: 'failed'; readonly refusals: readonly ToldRefusal[] }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'used'; readonly of: LimiterName; readonly used: readonly ToldUsage[] }
  | { readonly kind: 'connect'; readonly id: number; readonly partner: string; readonly limits: Limits }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'decided'; readonly decisions: readonly CountedDecision[]; readonly lost: number };

export interface PreparedAnswer {
  readonly refusals: readonly ToldRefusal[];
}

export interface AppliedAnswer {
  readonly endedRequests: number;
  readonly closedConnections: number;
  readonly waiting: readonly ToldRefusal[];
}

/** Of partners that are others now. */
export type ClosedAnswer = Closed;
export type SeenAnswer = Seen | undefined;
export type MeasuredAnswer = readonly MetricFamily[];
