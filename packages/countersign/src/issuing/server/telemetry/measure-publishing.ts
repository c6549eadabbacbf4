/** Puts how the lists and the responder are into the metrics, each time they are read. */
import type { Clock } from '../../../ground/clock/index.ts';
import { ocspKinds } from '../../ocsp/index.ts';
import type { PublishedFigures } from './published-figures.ts';
import type { ServerTelemetry } from './server-telemetry.ts';

export interface MeasuredPublishing {
  readonly telemetry: Pick<ServerTelemetry, 'metrics' | 'instruments'>;
  readonly figures: () => PublishedFigures;
  readonly clock: Clock;
}

export function measurePublishing({ telemetry, figures, clock }: MeasuredPublishing): void {
  const { metrics, instruments } = telemetry;
  const told = { ...figures().ocsp.answers };
  metrics.beforeRead(() => {
    const { lists, ocsp } = figures();
    for (const status of ocspKinds) {
      instruments.ocspAnswers.add({ status }, ocsp.answers[status] - told[status]);
      told[status] = ocsp.answers[status];
    }
    instruments.ocspKept.set({}, ocsp.kept);
    // What is not made has no age: nothing is told of it.
    if (lists === undefined) return;
    const nowMs = clock.now();
    instruments.listAge.set({}, seconds(nowMs - lists.thisUpdateMs));
    instruments.listLeft.set({}, seconds(lists.nextUpdateMs - nowMs));
    instruments.listEntries.set({}, lists.entries);
    instruments.listBuild.set({}, lists.builtInMs / 1000);
  });
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
