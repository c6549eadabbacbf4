/** The authority at work: profile, names, lint, intent on disk, one signature, certificate on disk, answer. */
import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { groupCalls } from './batches.ts';
import type { AuthorityKeys } from './authority-keys.ts';
import type { IssueRequest, IssueStep } from './issue-request.ts';
import type { Intent, IntentOutcome, IssuanceLedger, IssuedCertificate, RecordOutcome, TokenClaim } from './ledger.ts';
import { prepare, type Prepared } from './prepare.ts';

export interface Authority {
  readonly trustDomain: string;
  readonly keys: AuthorityKeys;
  /** Resolves when the certificate is on disk; a refusal means that nothing was, or will be, handed out. */
  issue(request: IssueRequest): Promise<IssuedCertificate>;
  /**
   * The same for the first use of a one-time token, which is used up together with the intent to sign. Where the token was used before nothing is issued:
   * the answer is its first use.
   * @param token its identifier; throws CS-TOKEN-005 for an unknown one
   */
  issueForToken(token: string, request: IssueRequest): Promise<IssuedCertificate | TokenClaim>;
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

  const signBatch = async (batch: readonly Prepared[]): Promise<readonly (IssuedCertificate | Refusal)[]> => {
    if (batch.length === 0) return [];
    const certificates = await keys.issuer.sign(batch.map(({ linted }) => linted));
    const signed = batch.map(({ record }, at) => ({ ...record, certificate: certificates[at] ?? new Uint8Array() }));
    onStep('signed');
    const outcomes = await ledger.recordCertificates(signed, mostOfOneLineage);
    onStep('stored');
    return signed.map((certificate, index) => answerFor(certificate, outcomes[index]));
  };
  const issueBatch = async (batch: readonly Prepared[]): Promise<readonly (Issuing | Error)[]> => {
    const outcomes = await ledger.recordIntents(
      batch.map(({ intent }) => intent),
      batch.map(({ event }) => event),
    );
    onStep('intent-recorded');
    const recorded = batch.filter((_, index) => outcomes[index] === 'recorded');
    const answers = await signBatch(recorded);
    const issued = new Map(recorded.map((prepared, index) => [prepared, answers[index]]));
    return batch.map((prepared, index) => issued.get(prepared) ?? unrecorded(prepared.intent, outcomes[index]));
  };
  const enqueue = groupCalls(issueBatch, mostInBatch);

  const prepareOne = ({ request, token }: Asked): Prepared | Error => {
    try {
      const nowMs = clock.now();
      if (nowMs < latestMs - clockToleranceMs) {
        throw new Refusal('CS-AUTHORITY-002', { now: toRfc3339(nowMs), latest: toRfc3339(latestMs) });
      }
      const prepared = prepare(request, keys, nowMs, token);
      latestMs = Math.max(latestMs, nowMs);
      return prepared;
    } catch (error) {
      if (error instanceof Error) return error;
      throw error;
    }
  };
  // Those of one turn one after the other: behind a signature or a verification, which leave nothing else in the processor's caches, each takes thrice
  // the time. Not with the batch: what is refused does not wait for the disk.
  const prepareTogether = groupCalls(async (asked: readonly Asked[]) => asked.map(prepareOne), mostInBatch);

  return {
    trustDomain: keys.trustDomain,
    keys,
    issue: async (request) => {
      const issued = await enqueue(await prepareTogether({ request, token: undefined }));
      if (!('certificate' in issued)) throw new TypeError('what names no token uses up none');
      return issued;
    },
    issueForToken: async (token, request) => enqueue(await prepareTogether({ request, token })),
  };
}

/** What becomes of one that was recorded, or the first use of its token where that was another. */
type Issuing = IssuedCertificate | TokenClaim;

interface Asked {
  readonly request: IssueRequest;
  /** The token of which this is the first use. */
  readonly token: string | undefined;
}

function unrecorded({ token }: Intent, outcome: IntentOutcome | undefined): TokenClaim | Error {
  if (outcome === undefined || outcome === 'recorded' || token === undefined)
    return new TypeError('a ledger answers each intent');
  return outcome === 'unknown-token' ? new Refusal('CS-TOKEN-005', { id: token.id }) : outcome;
}

/** A certificate that was not kept is thrown away here: nobody has seen it. */
function answerFor(certificate: IssuedCertificate, outcome: RecordOutcome | undefined): IssuedCertificate | Refusal {
  const { lineage, publicKeySha256: key, spiffeId: identity } = certificate;
  if (outcome === 'recorded') return certificate;
  if (outcome === 'key-compromised') return new Refusal('CS-ENROLL-001', { key });
  if (outcome === 'lineage-full') return new Refusal('CS-RENEW-007', { serial: lineage, maximum: mostOfOneLineage });
  if (outcome === 'lineage-held') return new Refusal('CS-RENEW-010', { serial: lineage });
  if (outcome === 'identity-revoked') return new Refusal('CS-TOKEN-007', { identity });
  return new Refusal('CS-RENEW-002', { serial: lineage });
}
