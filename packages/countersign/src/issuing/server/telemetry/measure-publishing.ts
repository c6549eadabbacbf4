/** Puts how the lists and the responder are into the metrics, each time they are read. */
import type { Clock } from '../../../ground/clock/index.ts';
import { ocspKinds } from '../../ocsp/index.ts';
import type { PublishedOcsp } from '../publishing/publish-ocsp.ts';
import type { RevocationLists } from '../publishing/revocation-lists.ts';
import type { ServerTelemetry } from './server-telemetry.ts';

export interface MeasuredPublishing {
  readonly telemetry: Pick<ServerTelemetry, 'metrics' | 'instruments'>;
  readonly lists: Pick<RevocationLists, 'all'>;
  readonly ocsp: Pick<PublishedOcsp, 'counts' | 'kept'>;
  readonly clock: Clock;
}

export function measurePublishing({ telemetry, lists, ocsp, clock }: MeasuredPublishing): void {
  const { metrics, instruments } = telemetry;
  const told = { ...ocsp.counts };
  metrics.beforeRead(() => {
    for (const status of ocspKinds) {
      instruments.ocspAnswers.add({ status }, ocsp.counts[status] - told[status]);
      told[status] = ocsp.counts[status];
    }
    instruments.ocspKept.set({}, ocsp.kept());
    const measures = lists.all().flatMap((publisher) => publisher.measure() ?? []);
    // What is not made has no age: nothing is told of it.
    if (measures.length === 0) return;
    const nowMs = clock.now();
    instruments.listAge.set({}, seconds(nowMs - Math.min(...measures.map(({ thisUpdateMs }) => thisUpdateMs))));
    instruments.listLeft.set({}, seconds(Math.min(...measures.map(({ nextUpdateMs }) => nextUpdateMs)) - nowMs));
    instruments.listEntries.set(
      {},
      measures.reduce((sum, { entries }) => sum + entries, 0),
    );
    instruments.listBuild.set({}, Math.max(...measures.map(({ builtInMs }) => builtInMs)) / 1000);
  });
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
