/** Follows the partners of one registry: asks, takes what is new, says with the next question what that closed. An authority that is away changes nothing. */
import { type Clock, sleep, toRfc3339 } from '../../../ground/clock/index.ts';
import { toBase64Url } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import type { BundleSet } from '../../../identity/spiffe/index.ts';
import {
  authorityId,
  exchange,
  type FollowedPartner,
  followPartners,
  type FollowPartnersRequest,
  type FollowPartnersResponse,
  longestFollowMs,
  startDeadline,
} from '../../../runtime/api/index.ts';
import { randomBytes } from '../../../runtime/cryptography/index.ts';
import {
  createDispatcher,
  type Credential,
  fixedSource,
  type MutableSource,
  Trust,
} from '../../../runtime/tls/index.ts';
import type { RegistrySettings } from '../configuration/gateway-file.ts';
import { type CachedPartners, writeRegistryCache } from './registry-cache.ts';
import { NotInForce, reasonOf, registryFailure } from './registry-failure.ts';

export interface Closed {
  readonly connections: number;
  readonly requests: number;
}

export interface FollowerParts {
  readonly settings: RegistrySettings;
  /** Absolute. */
  readonly cachePath: string;
  readonly cached: CachedPartners | undefined;
  readonly credentials: MutableSource<Credential>;
  readonly bundles: MutableSource<BundleSet>;
  readonly clock: Clock;
  /** Puts them into force. @returns what that closed */
  readonly onPartners: (partners: readonly FollowedPartner[]) => Closed | Promise<Closed>;
  readonly onTrouble: (refusal: Refusal) => void;
}

export type RegistryState = 'following' | 'from-cache' | 'never-heard';

/** Beyond the time for which the authority leaves a question open. */
const patienceMs = 10_000;
const firstPauseMs = 250;
/** Own choice: an authority that is back is heard within this. */
const longestPauseMs = 4_000;
/** How often the time at which the authority was heard last is put on disk, where nothing else changed. */
const noteEveryMs = 60_000;

export class RegistryFollower {
  readonly #parts: FollowerParts;
  readonly #gateway: string;
  readonly #end = new AbortController();
  #have: string | undefined;
  #partners: readonly FollowedPartner[];
  #asOfMs: number | undefined;
  #notedMs = 0;
  #heard = false;
  #isAway = false;
  /** Codes of this absence. */
  readonly #told = new Set<string>();
  #running: Promise<void> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: FollowerParts) {
    const { cached } = parts;
    this.#parts = parts;
    this.#gateway = cached?.gateway ?? toBase64Url(randomBytes(18));
    this.#partners = cached?.partners ?? [];
    this.#have = cached?.version;
    this.#asOfMs = cached?.asOfMs;
  }

  get partners(): readonly FollowedPartner[] {
    return this.#partners;
  }

  /** When the authority said last that these are the partners. */
  get asOfMs(): number | undefined {
    return this.#asOfMs;
  }

  get state(): RegistryState {
    if (this.#heard && !this.#isAway) return 'following';
    return this.#asOfMs === undefined ? 'never-heard' : 'from-cache';
  }

  begin(): void {
    this.#running = this.#run();
  }

  /** Says farewell where the authority is there, so that nobody waits for this gateway. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#running;
    await this.#writing;
  }

  async #run(): Promise<void> {
    const { clock, bundles, credentials, settings } = this.#parts;
    // The authority says itself what holds; a lease that ended must not keep it from saying so.
    const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock });
    const policy = spiffeId(authorityId(settings.trust));
    const dispatcher = createDispatcher(policy, { trust, credentials, clock });
    const ask = async (
      request: FollowPartnersRequest,
      limitMs: number,
      signal?: AbortSignal,
    ): Promise<FollowPartnersResponse> => {
      const deadline = startDeadline(clock, limitMs, signal);
      try {
        return (await exchange(followPartners, request, { dispatcher, url: settings.authority }, deadline)).value;
      } finally {
        deadline.cancel();
      }
    };
    let closed: Closed | undefined;
    let failures = 0;
    while (!this.#end.signal.aborted) {
      try {
        // The first answer of a connection comes at once, so that it is known who is there.
        const have = this.state === 'following' ? this.#have : undefined;
        const request = { gateway: this.#gateway, ...(have && { have }), ...(closed && { closed }) };
        const answer = await ask(request, longestFollowMs + patienceMs, this.#end.signal);
        if (this.#end.signal.aborted) break;
        [failures, closed] = [0, await this.#take(answer)];
      } catch (error) {
        if (this.#end.signal.aborted) break;
        this.#tellAway(error);
        await this.#pause(failures);
        failures += 1;
      }
    }
    if (!this.#isAway && this.#heard)
      await ask({ gateway: this.#gateway, leaving: true, ...(closed && { closed }) }, 1_000).catch(() => undefined);
    await dispatcher.destroy();
    trust.close();
  }

  async #take({ version, partners }: FollowPartnersResponse): Promise<Closed | undefined> {
    const { clock, onPartners, settings } = this.#parts;
    const heardMs = clock.now();
    if (partners === undefined && version !== this.#have)
      throw new Refusal('CS-NET-003', {
        address: settings.authority,
        status: 200,
        problem: 'a version that is not had here, without its partners',
      });
    const areOthers = partners !== undefined && version !== this.#have;
    let closed: Closed | undefined;
    if (areOthers) {
      this.#partners = partners;
      // Where that fails they are not had: they are asked for again, and nobody is told that they are followed.
      try {
        closed = await onPartners(partners);
      } catch (error) {
        throw new NotInForce(error);
      }
      this.#have = version;
    }
    this.#asOfMs = heardMs;
    this.#heard = true;
    this.#isAway = false;
    this.#told.clear();
    if (areOthers || heardMs - this.#notedMs >= noteEveryMs) this.#note();
    return closed;
  }

  /** In force already: a disk that does not take it is told of, and the next restart knows less. */
  #note(): void {
    const { cachePath, settings, onTrouble } = this.#parts;
    const [version, asOfMs] = [this.#have, this.#asOfMs];
    if (version === undefined || asOfMs === undefined) return;
    this.#notedMs = asOfMs;
    const cached = { gateway: this.#gateway, version, asOfMs, partners: this.#partners };
    this.#writing = this.#writing
      .then(() => writeRegistryCache(cachePath, settings, cached))
      .catch((error: unknown) =>
        onTrouble(new Refusal('CS-GATEWAY-066', { path: cachePath, problem: reasonOf(error) }, { cause: error })),
      );
  }

  /** Each reason once for each absence. */
  #tellAway(error: unknown): void {
    this.#isAway = true;
    const { authority } = this.#parts.settings;
    const asOf = this.#asOfMs === undefined ? 'never' : toRfc3339(this.#asOfMs);
    const failure = registryFailure(error, { authority, asOf });
    if (this.#told.has(failure.code)) return;
    this.#told.add(failure.code);
    this.#parts.onTrouble(failure);
  }

  async #pause(failures: number): Promise<void> {
    const whole = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 10));
    await sleep(this.#parts.clock, whole, this.#end.signal).catch(() => undefined);
  }
}
