/** The authority at work: profile, names, lint, intent on disk, one signature, certificate on disk, answer. */
import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { groupCalls } from './batches.ts';
import type { AuthorityKeys } from './authority-keys.ts';
import type { IssueRequest, IssueStep } from './issue-request.ts';
import type { IssuanceLedger, IssuedCertificate, RecordOutcome } from './ledger.ts';
import { prepare, type Prepared } from './prepare.ts';

export interface Authority {
  readonly trustDomain: string;
  readonly keys: AuthorityKeys;
  /** Resolves when the certificate is on disk; a refusal means that nothing was, or will be, handed out. */
  issue(request: IssueRequest): Promise<IssuedCertificate>;
}

export interface AuthorityOptions {
  readonly keys: AuthorityKeys;
  readonly ledger: IssuanceLedger;
  readonly clock: Clock;
  /** Called at each named step of a batch: for tests that end the process there. */
  readonly onStep?: ((step: IssueStep) => void) | undefined;
}

/** How far the clock may be behind the latest issuing: as much as certificates are backdated, since less is seen by nobody. NTP steps are smaller. */
export const clockToleranceMs = 60_000;

/** Signatures of one batch: about 0.1 ms each, so that a full batch holds up connections for no more than 10 ms. */
const mostInBatch = 64;

/**
 * A line of renewals is revoked as a whole, and the feed holds what is revoked until it expires: without a limit, who renews in a loop could have
 * more than the feed can hold. Own choice: seven days, the longest life, renewed every ten minutes.
 */
const mostOfOneLineage = 1000;

export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const { keys, ledger, clock } = options;
  let latestMs = (await ledger.latestIntentMs()) ?? 0;
  const onStep = options.onStep ?? (() => undefined);

  const issueBatch = async (batch: readonly Prepared[]): Promise<readonly (IssuedCertificate | Error)[]> => {
    await ledger.recordIntents(
      batch.map(({ intent }) => intent),
      batch.map(({ event }) => event),
    );
    onStep('intent-recorded');
    const certificates = await keys.issuer.sign(batch.map(({ linted }) => linted));
    const signed = batch.map(({ record }, at) => ({ ...record, certificate: certificates[at] ?? new Uint8Array() }));
    onStep('signed');
    const outcomes = await ledger.recordCertificates(signed, mostOfOneLineage);
    onStep('stored');
    return signed.map((certificate, index) => answerFor(certificate, outcomes[index]));
  };
  const enqueue = groupCalls(issueBatch, mostInBatch);

  const prepareOne = (request: IssueRequest): Prepared | Error => {
    try {
      const nowMs = clock.now();
      if (nowMs < latestMs - clockToleranceMs) {
        throw new Refusal('CS-AUTHORITY-002', { now: toRfc3339(nowMs), latest: toRfc3339(latestMs) });
      }
      const prepared = prepare(request, keys, nowMs);
      latestMs = Math.max(latestMs, nowMs);
      return prepared;
    } catch (error) {
      if (error instanceof Error) return error;
      throw error;
    }
  };
  // Those of one turn one after the other: behind a signature or a verification, which leave nothing else in the processor's caches, each takes thrice
  // the time. Not with the batch: what is refused does not wait for the disk.
  const prepareTogether = groupCalls(
    async (requests: readonly IssueRequest[]) => requests.map(prepareOne),
    mostInBatch,
  );

  return {
    trustDomain: keys.trustDomain,
    keys,
    issue: async (request) => enqueue(await prepareTogether(request)),
  };
}

/** A certificate that was not kept is thrown away here: nobody has seen it. */
function answerFor(certificate: IssuedCertificate, outcome: RecordOutcome | undefined): IssuedCertificate | Refusal {
  const { lineage, publicKeySha256: key } = certificate;
  if (outcome === 'recorded') return certificate;
  if (outcome === 'key-compromised') return new Refusal('CS-ENROLL-001', { key });
  if (outcome === 'lineage-full') return new Refusal('CS-RENEW-007', { serial: lineage, maximum: mostOfOneLineage });
  return new Refusal('CS-RENEW-002', { serial: lineage });
}
