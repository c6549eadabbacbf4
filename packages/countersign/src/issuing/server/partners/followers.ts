/** The gateways that follow the partners: what they have in force, who is waited for after a change, and who could not be reached. */
import { type Clock, toRfc3339 } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  type FollowedPartner,
  type FollowPartnersRequest,
  type FollowPartnersResponse,
  type GatewayEnforcement,
  longestFollowMs,
} from '../../../runtime/api/index.ts';
import { sha256HexOfText } from '../../../runtime/cryptography/index.ts';
import type { PartnerBook } from '../../partner-registry/index.ts';

export interface FollowersOptions {
  readonly book: Pick<PartnerBook, 'page'>;
  readonly clock: Clock;
}

export interface AwaitedGateways {
  settle(waitMs: number): Promise<GatewayEnforcement>;
}

interface PartnerList {
  readonly version: string;
  readonly partners: FollowedPartner[];
  /** Of the change after which it was read. */
  readonly change: number;
}

interface Known {
  readonly spiffeId: string;
  acknowledged: number;
  heardMs: number;
  heardMonotonicMs: number;
  /** Ends the question that is open. */
  wake: (() => void) | undefined;
}

interface Watcher {
  closed(what: { connections: number; requests: number }): void;
  acknowledged(): void;
}

/** Own choices. A gateway that was answered asks again at once; one that was not heard for half a day is not named any more. */
const comebackMs = 2_000;
const knownMs = 12 * 3_600_000;
const mostGateways = 10_000;
const partnersOfAPage = 1_000;

export class PartnerFollowers {
  readonly #options: FollowersOptions;
  readonly #known = new Map<string, Known>();
  readonly #watchers = new Set<Watcher>();
  #list: Promise<PartnerList> | undefined;
  #change = 0;
  #closed = false;

  constructor(options: FollowersOptions) {
    this.#options = options;
  }

  /** @param spiffeId who asks; that it may, was decided @throws CS-ACCESS-008, CS-ACCESS-009 */
  async follow(
    { gateway, have, closed, leaving }: FollowPartnersRequest,
    spiffeId: string,
  ): Promise<FollowPartnersResponse> {
    const known = this.#heard(spiffeId, gateway);
    if (closed !== undefined) for (const watcher of this.#watchers) watcher.closed(closed);
    const before = await this.#current();
    if (leaving === true) {
      this.#known.delete(keyOf(spiffeId, gateway));
      this.#tellAcknowledged();
      return { version: before.version };
    }
    if (have !== before.version) return this.#answer(known, before);
    this.#acknowledge(known, before);
    // What was changed while it was being asked is not waited for.
    if (before.change === this.#change) await this.#nextChange(known);
    if (this.#closed) throw new Refusal('CS-ACCESS-009', { endpoint: 'the followers of partners, who are let go' });
    const after = await this.#current();
    if (after.version !== have) return this.#answer(known, after);
    this.#acknowledge(known, after);
    return { version: after.version };
  }

  /** After each change of the book: tells everybody, and makes ready to hear what they did. */
  changed(): AwaitedGateways {
    const { clock } = this.#options;
    this.#change += 1;
    this.#list = undefined;
    const change = this.#change;
    const startMs = clock.monotonic();
    const sum = { connections: 0, requests: 0 };
    let lastMs = startMs;
    let done: (() => void) | undefined;
    const watcher: Watcher = {
      closed: ({ connections, requests }) => {
        sum.connections += connections;
        sum.requests += requests;
      },
      acknowledged: () => {
        lastMs = clock.monotonic();
        if (!this.#missing(change)) done?.();
      },
    };
    this.#watchers.add(watcher);
    for (const { wake } of [...this.#known.values()]) wake?.();
    return {
      settle: async (waitMs) => {
        if (this.#missing(change))
          await new Promise<void>((resolve) => {
            const timer = clock.after(waitMs, resolve);
            done = () => {
              timer.cancel();
              resolve();
            };
          });
        this.#watchers.delete(watcher);
        return this.#enforcement(change, sum, Math.round((lastMs - startMs) * 10) / 10);
      },
    };
  }

  /** The same where nobody waits for the answer. */
  tell(): void {
    void this.changed().settle(0);
  }

  close(): void {
    this.#closed = true;
    for (const { wake } of [...this.#known.values()]) wake?.();
  }

  #heard(spiffeId: string, gateway: string): Known {
    const { clock } = this.#options;
    const key = keyOf(spiffeId, gateway);
    const known = this.#known.get(key) ?? this.#new(spiffeId, key);
    // One question of each at a time: the one before is of a connection that ended.
    known.wake?.();
    known.heardMs = clock.now();
    known.heardMonotonicMs = clock.monotonic();
    return known;
  }

  #new(spiffeId: string, key: string): Known {
    const { clock } = this.#options;
    const oldest = clock.monotonic() - knownMs;
    for (const [other, { wake, heardMonotonicMs }] of this.#known)
      if (wake === undefined && heardMonotonicMs < oldest) this.#known.delete(other);
    if (this.#known.size >= mostGateways) throw new Refusal('CS-ACCESS-008', { spiffeId, maximum: mostGateways });
    const made = { spiffeId, acknowledged: -1, heardMs: 0, heardMonotonicMs: 0, wake: undefined };
    this.#known.set(key, made);
    return made;
  }

  #answer(known: Known, { version, partners }: PartnerList): FollowPartnersResponse {
    known.heardMonotonicMs = this.#options.clock.monotonic();
    return { version, partners };
  }

  #acknowledge(known: Known, { change }: PartnerList): void {
    known.acknowledged = Math.max(known.acknowledged, change);
    known.heardMs = this.#options.clock.now();
    known.heardMonotonicMs = this.#options.clock.monotonic();
    this.#tellAcknowledged();
  }

  #tellAcknowledged(): void {
    for (const watcher of [...this.#watchers]) watcher.acknowledged();
  }

  #nextChange(known: Known): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel();
        if (known.wake === wake) known.wake = undefined;
        // It is answered now, however long ago it asked.
        known.heardMonotonicMs = this.#options.clock.monotonic();
        resolve();
      };
      const timer = this.#options.clock.after(longestFollowMs, wake, { unref: true });
      known.wake = wake;
    });
  }

  /** Read once for each change, however many ask. */
  async #current(): Promise<PartnerList> {
    for (;;) {
      const change = this.#change;
      const reading = (this.#list ??= this.#read(change));
      try {
        const list = await reading;
        if (list.change === this.#change) return list;
      } catch (error) {
        if (this.#list === reading) this.#list = undefined;
        throw error;
      }
    }
  }

  async #read(change: number): Promise<PartnerList> {
    const partners: FollowedPartner[] = [];
    let after: string | undefined;
    do {
      const page = await this.#options.book.page(after, partnersOfAPage);
      for (const { name, state, terms } of page)
        partners.push({
          ...{ name, state, limits: terms.limits },
          routes: terms.routes === '*' ? '*' : [...terms.routes],
        });
      after = page.length < partnersOfAPage ? undefined : page.at(-1)?.name;
    } while (after !== undefined);
    return { version: sha256HexOfText(JSON.stringify(partners)), partners, change };
  }

  #isExpected({ wake, heardMonotonicMs }: Known): boolean {
    return wake !== undefined || this.#options.clock.monotonic() < heardMonotonicMs + comebackMs;
  }

  #missing(change: number): boolean {
    for (const known of this.#known.values()) if (known.acknowledged < change && this.#isExpected(known)) return true;
    return false;
  }

  #enforcement(change: number, closed: { connections: number; requests: number }, ms: number): GatewayEnforcement {
    const all = [...this.#known.values()];
    const late = all.filter(({ acknowledged }) => acknowledged < change);
    return {
      ...{ enforced: all.length - late.length, of: all.length, ms, closed: { ...closed } },
      unreachable: late.map(({ spiffeId, heardMs }) => ({ name: spiffeId, lastHeard: toRfc3339(heardMs) })),
    };
  }
}

function keyOf(spiffeId: string, gateway: string): string {
  return `${spiffeId} ${gateway}`;
}
