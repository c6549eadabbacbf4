/** Limits of partners and of routes, as the first that a request is asked: by who calls, in accounts that outlive a configuration. */
import { join } from 'node:path';
import type { Clock } from '../../ground/clock/index.ts';
import { ensurePrivateDirectory } from '../../runtime/config/index.ts';
import { networkOf } from '../../runtime/tls/index.ts';
import {
  connectionsRefusal,
  keepLimits,
  type KeptLimits,
  limitHeaders,
  limitRefusal,
  Limiter,
  type Limits,
} from '../limits/index.ts';
import type { GatewayFile } from './configuration/gateway-file.ts';
import { type Held, Holdings } from './holdings.ts';
import type { Route } from './routing/route-table.ts';
import type { Connection, Demand, DemandQuestion, Denial } from './serving/demands.ts';

export type { Held } from './holdings.ts';

/** Counts connections by partner; over several processes the answer comes later. */
export interface ConnectionCount {
  connect(partner: string, limits: Limits): Held | undefined | Promise<Held | undefined>;
}

/** What a request counts for. */
interface Account {
  readonly limiter: Limiter;
  readonly key: string;
  readonly limits: Limits;
  /** As the log names the caller. */
  readonly caller: string;
}

export class GatewayLimits {
  /** Of callers with certificates: as many as certificates were issued for. */
  readonly known: Limiter;
  /** Of addresses, of which anybody may have many: they crowd out nobody who is known. */
  readonly strangers: Limiter;
  /** Over this process alone, unless another count is put in its place. */
  connections: ConnectionCount;
  readonly #clock: Clock;
  /** Of which connection it is held, and for whom. */
  readonly #held = new WeakMap<Connection, Holdings>();
  #kept: readonly KeptLimits[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.known = new Limiter({ clock });
    this.strangers = new Limiter({ clock });
    this.connections = { connect: (partner, limits) => this.known.connect(partnerKey(partner), limits) };
  }

  /** @throws CS-GATEWAY-058 where the folder holds something else, CS-FILE-... where it can not be used */
  async keepIn(folder: string, onFailure: (error: unknown) => void): Promise<void> {
    await ensurePrivateDirectory(folder);
    const clock = this.#clock;
    const kept = (limiter: Limiter, name: string): Promise<KeptLimits> =>
      keepLimits(limiter, { path: join(folder, name), clock, onFailure });
    this.#kept = [await kept(this.known, 'limits-of-callers'), await kept(this.strangers, 'limits-of-addresses')];
  }

  /** Writes what there is. */
  async close(): Promise<void> {
    await Promise.all(this.#kept.map((one) => one.close()));
  }

  /** None where nothing is limited, so that such a route costs nothing. */
  demandsOf(route: Route, { partners }: GatewayFile): readonly Demand[] {
    const some = someLimits(partners);
    const counted = isCounted(route.settings.limits) || some.counted;
    const { connected } = some;
    return [
      ...(connected ? [{ ask: (question: DemandQuestion) => this.#connect(question) }] : []),
      ...(counted ? [{ counts: true as const, ask: (question: DemandQuestion) => this.#count(question) }] : []),
    ];
  }

  #count(question: DemandQuestion): Denial | undefined {
    const accounts = this.#accountsOf(question);
    for (const [at, account] of accounts.entries()) {
      const { limiter, key, limits, caller } = account;
      const verdict = limiter.take(key, limits);
      if (verdict.allowed) {
        const headers = limitHeaders(verdict, limits);
        if (headers.length > 0 && at === accounts.length - 1) question.tell(headers);
        continue;
      }
      for (const taken of accounts.slice(0, at)) taken.limiter.giveBack(taken.key, taken.limits);
      return { refusal: limitRefusal(verdict, limits, caller), headers: limitHeaders(verdict, limits) };
    }
    return undefined;
  }

  /** The partner's own last: his is what the answer tells of, since it holds wherever he calls. */
  #accountsOf({ route: { settings }, asker, address }: DemandQuestion): readonly Account[] {
    const somebody = asker !== undefined && 'identity' in asker ? asker : undefined;
    const partner = somebody?.partner?.settings;
    const limiter = somebody === undefined ? this.strangers : this.known;
    const caller = partner?.name ?? somebody?.name ?? networkOf(address);
    const kind = partner !== undefined ? 'partner' : somebody !== undefined ? 'peer' : 'address';
    const { limits } = settings;
    return [
      ...(limits !== undefined && isCounted(limits)
        ? [{ limiter, key: routeKey(settings.name, `${kind} ${caller}`), limits, caller }]
        : []),
      ...(partner?.limits !== undefined && isCounted(partner.limits)
        ? [{ limiter: this.known, key: partnerKey(partner.name), limits: partner.limits, caller }]
        : []),
    ];
  }

  /** Counted from its first request on: before it nobody knows which of its names a connection will be used by. */
  #connect({ asker, connection }: DemandQuestion): Denial | undefined | Promise<Denial | undefined> {
    const partner = asker !== undefined && 'identity' in asker ? asker.partner?.settings : undefined;
    if (partner?.limits?.connections === undefined) return undefined;
    const { name, limits } = partner;
    const held = this.#holdingOf(connection, name) ?? this.#hold(connection, name, limits);
    const verdict = (isHeld: boolean): Denial | undefined =>
      isHeld ? undefined : { refusal: connectionsRefusal(limits, name), ends: true };
    return typeof held === 'boolean' ? verdict(held) : held.then(verdict);
  }

  #holdingOf(connection: Connection, partner: string): Promise<boolean> | boolean | undefined {
    return this.#held.get(connection)?.of(partner);
  }

  #hold(connection: Connection, partner: string, limits: Limits): Promise<boolean> | boolean {
    const holdings = this.#held.get(connection) ?? new Holdings(connection);
    this.#held.set(connection, holdings);
    return holdings.take(partner, this.connections.connect(partner, limits));
  }
}

/** The limits of an account, as a configuration has them; for what other workers tell. */
export function limitsByKey({ partners, routes }: GatewayFile): (key: string) => Limits | undefined {
  const ofPartners = new Map(partners.map(({ name, limits }) => [name, limits]));
  const ofRoutes = new Map(routes.map(({ name, limits }) => [name, limits]));
  return (key) => {
    const [kind, name = ''] = key.split(' ', 2);
    return (kind === 'partner' ? ofPartners : ofRoutes).get(name);
  };
}

/** Of all of them: each route asks, and there may be a thousand of either. */
function someLimits(partners: GatewayFile['partners']): SomeLimits {
  const known = limitsOf.get(partners);
  if (known !== undefined) return known;
  const found = {
    counted: partners.some(({ limits }) => isCounted(limits)),
    connected: partners.some(({ limits }) => limits?.connections !== undefined),
  };
  limitsOf.set(partners, found);
  return found;
}

interface SomeLimits {
  readonly counted: boolean;
  readonly connected: boolean;
}

const limitsOf = new WeakMap<GatewayFile['partners'], SomeLimits>();

function partnerKey(name: string): string {
  return `partner ${name}`;
}

function routeKey(route: string, caller: string): string {
  return `route ${route} ${caller}`;
}

function isCounted(limits: Limits | undefined): boolean {
  return limits?.requestsPerSecond !== undefined || limits?.requestsPerDay !== undefined;
}
