/** Puts how the authority is into its metrics, each time they are read. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { AuditJournal } from '../../../runtime/audit/index.ts';
import type { Readiness } from './readiness.ts';
import type { ServerState } from './server-state.ts';
import type { ServerTelemetry } from './server-telemetry.ts';

export interface MeasuredParts {
  readonly telemetry: ServerTelemetry;
  readonly state: ServerState;
  readonly readiness: Readiness;
  /** Open connections of the server. */
  readonly connections: () => number;
  readonly audit: AuditJournal;
  readonly clock: Clock;
}

export function measureState({ telemetry, state, readiness, connections, audit, clock }: MeasuredParts): void {
  const { metrics, instruments } = telemetry;
  metrics.beforeRead(() => {
    const { subscribed, leased, behind, worst } = state.endpoints();
    instruments.endpoints.set({ state: 'subscribed' }, subscribed);
    instruments.endpoints.set({ state: 'leased' }, leased);
    instruments.endpoints.set({ state: 'behind' }, behind);
    instruments.exposureSeconds.set({}, worst === undefined ? 0 : seconds(worst.untilMs - clock.now()));
    instruments.feedNumber.set({}, state.feedNumber);
    instruments.connections.set({}, connections());
    instruments.expiry.set({ certificate: 'issuer' }, secondsUntil(state.issuerNotAfterMs));
    for (const { profile, notAfterMs } of state.own)
      instruments.expiry.set({ certificate: profile }, secondsUntil(notAfterMs));
  });
  metrics.beforeRead(async () => {
    instruments.auditSequence.set({}, (await audit.head()).sequence);
  });
  metrics.beforeRead(async () => {
    const { ready } = await readiness.assess();
    instruments.ready.set({}, ready ? 1 : 0);
  });
  metrics.beforeRead(async () => {
    const { certificates, databaseBytes, walBytes, diskFreeBytes } = await state.storage();
    for (const [name, count] of Object.entries(certificates)) instruments.certificates.set({ state: name }, count);
    instruments.databaseBytes.set({}, databaseBytes);
    instruments.walBytes.set({}, walBytes);
    instruments.diskFreeBytes.set({}, diskFreeBytes);
  });

  function secondsUntil(notAfterMs: number): number {
    return Math.round((notAfterMs - clock.now()) / 1000);
  }
}

function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1000));
}
