/** The evidence of a running gateway: which decisions are counted, and by whom they are written, as the configuration says. */
import { dirname, resolve } from 'node:path';
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { VerifiedPeer } from '../../../runtime/tls/index.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import type { AccessRecord } from '../serving/access.ts';
import type { CountedDecision, DecisionKind } from './decision.ts';
import { DecisionTally } from './decision-tally.ts';
import { type EvidenceStatus, EvidenceWriter } from './evidence-writer.ts';
import { Halt } from './halt.ts';

export interface GatewayEvidenceOptions {
  readonly clock: Clock;
  readonly onTrouble: (refusal: Refusal) => void;
  /** Whether another process writes: then it is only counted here, and taken by `take`. */
  readonly elsewhere: boolean;
  /** From now on requests are refused with this, or with nothing. */
  readonly onHalt?: (why: Refusal | undefined) => void;
  /** Default a minute. */
  readonly everyMs?: number | undefined;
}

/** What a decision comes to when a request that had begun is looked at again. */
const laterDenials: ReadonlySet<string> = new Set([
  'CS-GATEWAY-012',
  'CS-GATEWAY-013',
  'CS-GATEWAY-014',
  'CS-GATEWAY-015',
  'CS-GATEWAY-016',
  'CS-GATEWAY-052',
  'CS-GATEWAY-081',
  'CS-GATEWAY-082',
  'CS-PARTNER-003',
]);

export class GatewayEvidence {
  readonly halt: Halt = new Halt();
  readonly #options: GatewayEvidenceOptions;
  #tally: DecisionTally | undefined;
  /** What can not be written down is not done. */
  #refuses = false;
  #writer: EvidenceWriter | undefined;
  /** Opened for a configuration that is not in force yet. */
  #prepared: EvidenceWriter | undefined;
  /** Of folders that were left: they are written to their end. */
  #leaving: Promise<unknown> = Promise.resolve();

  constructor(options: GatewayEvidenceOptions) {
    this.#options = options;
  }

  /** `undefined` where none is written, or another process writes. */
  get status(): EvidenceStatus | undefined {
    return this.#writer?.status;
  }

  /** Opens what is new, so that `take` does not fail. @throws CS-GATEWAY-091, CS-FILE-..., CS-KEY-001 */
  async prepare(configuration: LoadedConfiguration): Promise<void> {
    const folder = folderOf(configuration);
    const { clock, onTrouble, elsewhere, everyMs } = this.#options;
    if (elsewhere || folder === undefined) return;
    if (this.#writer?.folder === folder || this.#prepared?.folder === folder) return;
    const keepDays = configuration.file.evidence?.keepDays ?? 1;
    // It may be one that was left just now.
    await this.#leaving;
    this.#prepared = await EvidenceWriter.open({
      ...{ clock, folder, keepDays, onTrouble, onTurn: () => this.#turn() },
      ...(everyMs === undefined ? {} : { everyMs }),
    });
  }

  /** From now on by this configuration. Where it names a folder it was prepared; one that is left is written to its end. */
  take(configuration: LoadedConfiguration): void {
    const { evidence } = configuration.file;
    if (evidence === undefined) this.#tally = undefined;
    else if (this.#options.elsewhere) this.#tally ??= new DecisionTally();
    const folder = folderOf(configuration);
    if (this.#options.elsewhere) return;
    const [before, prepared] = [this.#writer, this.#prepared];
    if (before?.folder !== folder) {
      this.#leaving = Promise.all([this.#leaving, before?.close()]);
      this.#writer = prepared?.folder === folder ? prepared : undefined;
      this.#tally = this.#writer?.tally;
      this.#writer?.begin();
    }
    this.#prepared = undefined;
    this.#refuses = evidence?.unwritable === 'refuse';
    if (this.#writer !== undefined && evidence !== undefined) {
      this.#writer.keepDays = evidence.keepDays;
      this.#writer.isAwaited = this.#refuses;
    }
    this.#turn();
  }

  /** Whether anything can be written is known from now on, where requests depend on it. */
  async begun(): Promise<void> {
    if (this.#refuses) await this.flush();
  }

  add({ decision, code, partner, peer, thumbprint, route, via, atMs }: AccessRecord): void {
    if (this.#tally === undefined) return;
    const ended = decision === 'allowed' && code !== undefined && laterDenials.has(code);
    const kind: DecisionKind = ended ? 'closed' : decision;
    this.#tally.add({ decision: kind, code, partner, peer, thumbprint, route, via }, atMs);
    this.#writer?.relieve();
  }

  /** A connection that was live. */
  closed({ code }: Refusal, peer: VerifiedPeer | undefined, partner: string | undefined): void {
    if (peer === undefined || this.#tally === undefined) return;
    const { name, thumbprint } = peer;
    this.#tally.add({ decision: 'closed', code, partner, peer: name, thumbprint }, this.#options.clock.now());
  }

  /** A handshake. The name is one that an anchor vouches for, or none. */
  refused({ code, evidence }: Refusal): void {
    if (this.#tally === undefined || !code.startsWith('CS-PEER-')) return;
    const { peer } = evidence;
    const named = typeof peer === 'string' ? { peer } : {};
    this.#tally.add({ decision: 'refused', code, ...named }, this.#options.clock.now());
  }

  /** What was counted here, for who writes; `undefined` where nobody does. */
  told(): { readonly decisions: readonly CountedDecision[]; readonly lost: number } | undefined {
    return this.#tally?.take();
  }

  /** What another process has counted. */
  hear(decisions: readonly CountedDecision[], lost: number): void {
    if (this.#tally === undefined) return;
    for (const decision of decisions) this.#tally.merge(decision);
    if (lost > 0) this.#tally.lose(lost);
    this.#writer?.relieve();
  }

  /** What another process had counted since then is not known. */
  gap(reason: string, sinceMs: number): void {
    this.#writer?.gap(reason, sinceMs);
  }

  /** What was decided until now is on disk, or was told to be not. */
  async flush(): Promise<void> {
    await this.#writer?.flush();
  }

  async close(): Promise<void> {
    await Promise.all([this.#leaving, this.#writer?.close()]);
  }

  #turn(): void {
    const { failing: reason, folder } = this.#writer ?? {};
    const halts = this.#refuses && reason !== undefined && folder !== undefined;
    const before = this.halt.refusal?.evidence;
    if (halts ? before?.reason === reason && before.folder === folder : before === undefined) return;
    this.halt.set(halts ? new Refusal('CS-GATEWAY-094', { folder, reason }) : undefined);
    this.#options.onHalt?.(this.halt.refusal);
  }
}

function folderOf({ file: { evidence }, path }: LoadedConfiguration): string | undefined {
  return evidence === undefined ? undefined : resolve(dirname(path), evidence.folder);
}
