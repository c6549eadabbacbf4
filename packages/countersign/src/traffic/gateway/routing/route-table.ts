/** Which route a request is for: by host, then by the longest path, then by method; looked up, never searched through. */
import type { PeerPolicy } from '../../../identity/authorization/index.ts';
import type { RouteSettings } from '../configuration/gateway-file.ts';
import { allowsRegistered } from '../configuration/check-registry.ts';
import { nextTurn } from '../next-turn.ts';
import { callerPattern } from './caller-pattern.ts';

export interface Route {
  readonly settings: RouteSettings;
  /** Names of partners; `undefined` where everybody is allowed, without a certificate too. */
  readonly partners: ReadonlySet<string> | undefined;
  readonly patterns: readonly PeerPolicy[];
  /** Whether partners of the registry are allowed that have this route among their own. */
  readonly registered: boolean;
}

export type Found =
  | { readonly route: Route }
  /** The path has routes, and none for the method. */
  | { readonly allowed: readonly string[]; readonly at: Route };

/** Routes; a millisecond or two. Own choice. */
const inOneTurn = 500;

interface PathTable {
  readonly exact: Map<string, Route[]>;
  /** By prefix, which ends with "/". */
  readonly prefixes: Map<string, Route[]>;
  /** Slashes in the prefix that has most of them: deeper ones need not be looked for. */
  deepest: number;
}

export class RouteTable {
  readonly #routes: Route[] = [];
  readonly #byHost = new Map<string, PathTable>();

  constructor(routes: readonly RouteSettings[]) {
    for (const route of routes) this.#add(toRoute(route));
  }

  /** What the process serves meanwhile does not wait for all of it. */
  static async inTurns(routes: readonly RouteSettings[]): Promise<RouteTable> {
    const table = new RouteTable([]);
    for (const [at, route] of routes.entries()) {
      if (at % inOneTurn === inOneTurn - 1) await nextTurn();
      table.#add(toRoute(route));
    }
    return table;
  }

  get routes(): readonly Route[] {
    return this.#routes;
  }

  /** @param host as the configuration names it: `*.example.com` for those below that have no entry of their own */
  find(host: string, path: string, method: string): Found | undefined {
    const table = this.#byHost.get(host);
    const routes = table && (table.exact.get(path) ?? longestPrefix(table, path));
    const [first] = routes ?? [];
    if (routes === undefined || first === undefined) return undefined;
    const route = routes.find(({ settings }) => takes(settings, method));
    if (route !== undefined) return { route };
    return { allowed: [...new Set(routes.flatMap(({ settings }) => settings.methods ?? []))], at: first };
  }

  #add(route: Route): void {
    this.#routes.push(route);
    const { host, path } = route.settings;
    const table: PathTable = this.#byHost.get(host) ?? { exact: new Map(), prefixes: new Map(), deepest: 0 };
    this.#byHost.set(host, table);
    const { exact, prefixes } = table;
    const isPrefix = path.endsWith('/');
    const into = isPrefix ? prefixes : exact;
    into.set(path, [...(into.get(path) ?? []), route]);
    if (isPrefix) table.deepest = Math.max(table.deepest, path.split('/').length - 1);
  }
}

function toRoute(settings: RouteSettings): Route {
  const { allow } = settings;
  const isPattern = (written: string): boolean => written.startsWith('spiffe:');
  return {
    settings,
    partners: allow && new Set(allow.filter((written) => !isPattern(written))),
    registered: allow?.includes(allowsRegistered) === true,
    patterns: (allow ?? []).filter(isPattern).map(callerPattern),
  };
}

/** One look-up for each slash, from the shortest prefix on, and no more than the table is deep. */
function longestPrefix({ prefixes, deepest }: PathTable, path: string): Route[] | undefined {
  let found: Route[] | undefined;
  let end = 0;
  for (let depth = 0; depth < deepest; depth += 1) {
    end = path.indexOf('/', end) + 1;
    if (end === 0) break;
    found = prefixes.get(path.slice(0, end)) ?? found;
  }
  return found;
}

/** A HEAD is a GET without its body (RFC 9110, 9.3.2). */
function takes({ methods }: RouteSettings, method: string): boolean {
  return methods === undefined || methods.includes(method) || (method === 'HEAD' && methods.includes('GET'));
}
