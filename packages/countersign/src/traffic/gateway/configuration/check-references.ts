/** What the schema of a configuration can not see: names that lead nowhere, the same twice, routes that are never reached or do not fit their host. */
import { canonicalPath } from '../routing/request-target.ts';
import { callerPattern } from '../routing/caller-pattern.ts';
import { checkCheck } from './check-check.ts';
import { checkIdentity } from './check-identity.ts';
import { checkLimits } from './check-limits.ts';
import { checkPartners } from './check-partners.ts';
import { checkProxies } from './check-proxies.ts';
import { allowsRegistered, checkRegistry } from './check-registry.ts';
import { checkRevocation } from './check-revocation.ts';
import { checkUpstreams } from './check-upstreams.ts';
import type { ProblemList } from './problems.ts';
import type { GatewayFile, RouteSettings } from './gateway-file.ts';

export function checkReferences(file: GatewayFile, problems: ProblemList): void {
  checkListen(file, problems);
  checkCredentials(file, problems);
  checkRevocation(file, problems);
  checkHosts(file, problems);
  checkPartners(file, problems);
  checkRegistry(file, problems);
  checkCheck(file, problems);
  checkUpstreams(file, problems);
  checkIdentity(file, problems);
  checkProxies(file, problems);
  const partners = new Set(file.partners.map(({ name }) => name));
  const names = new Map<string, number>();
  file.routes.forEach((route, at) => {
    const first = names.get(route.name);
    if (first === undefined) names.set(route.name, at);
    else problems.twice(['routes', at, 'name'], route.name, ['routes', first, 'name']);
    checkRoute(route, at, { file, partners, problems });
  });
  checkReach(file.routes, problems);
  checkLimits(file, problems);
}

function checkListen({ listen: { withoutName }, hosts, admin, trust }: GatewayFile, problems: ProblemList): void {
  if (withoutName !== undefined && !Object.hasOwn(hosts, withoutName))
    problems.unknownName(['listen', 'withoutName'], 'host', withoutName, Object.keys(hosts));
  if (Object.keys(trust).length === 0) problems.wrongValue(['trust'], 'at least one trust domain is needed');
  if (admin.socket !== undefined && admin.port !== undefined)
    problems.wrongValue(['admin', 'port'], 'a socket or a port, not both');
}

function checkCredentials({ credentials }: GatewayFile, problems: ProblemList): void {
  for (const [name, { certificate, key, folder }] of Object.entries(credentials)) {
    const whole = folder === undefined ? certificate !== undefined && key !== undefined : !(certificate ?? key);
    if (!whole) problems.wrongValue(['credentials', name], 'either certificate and key, or folder');
  }
}

function checkHosts({ hosts, credentials, trust }: GatewayFile, problems: ProblemList): void {
  for (const [name, { certificate, credential, trust: domains }] of Object.entries(hosts)) {
    if (!Object.hasOwn(credentials, credential))
      problems.unknownName(['hosts', name, 'credential'], 'credential', credential, Object.keys(credentials));
    domains.forEach((domain, at) => {
      if (!Object.hasOwn(trust, domain))
        problems.unknownName(['hosts', name, 'trust', at], 'trust domain', domain, Object.keys(trust));
    });
    if (certificate !== 'none' && domains.length === 0)
      problems.wrongValue(['hosts', name], 'trust is needed where certificates are asked for');
    if (certificate === 'none' && domains.length > 0)
      problems.wrongValue(['hosts', name, 'trust'], 'nobody is asked for a certificate here');
  }
}

interface Known {
  readonly file: GatewayFile;
  readonly partners: ReadonlySet<string>;
  readonly problems: ProblemList;
}

function checkRoute(route: RouteSettings, at: number, { file, partners, problems }: Known): void {
  const { hosts, upstreams } = file;
  if (!Object.hasOwn(upstreams, route.upstream))
    problems.unknownName(['routes', at, 'upstream'], 'upstream', route.upstream, Object.keys(upstreams));
  const canonical = canonicalPath(route.path);
  if ('reason' in canonical) problems.wrongValue(['routes', at, 'path'], canonical.reason);
  else if (canonical.path !== route.path)
    problems.wrongValue(['routes', at, 'path'], `requests are compared in their plain form: ${canonical.path}`);
  (route.allow ?? []).forEach((allowed, number) => {
    const place = ['routes', at, 'allow', number];
    if (allowed.startsWith('spiffe:')) {
      try {
        callerPattern(allowed);
      } catch (error) {
        problems.wrongValue(place, reasonOf(error));
      }
    } else if (allowed === allowsRegistered) {
      if (file.registry === undefined) problems.wrongValue(place, 'there is no registry in this file');
    } else if (!partners.has(allowed) && file.registry === undefined)
      problems.unknownName(place, 'partner', allowed, partners);
  });
  const host = Object.hasOwn(hosts, route.host) ? hosts[route.host] : undefined;
  if (host === undefined) problems.unknownName(['routes', at, 'host'], 'host', route.host, Object.keys(hosts));
  else checkHandshake(route, at, host.certificate, problems);
}

function checkHandshake(route: RouteSettings, at: number, certificate: string, problems: ProblemList): void {
  const needs = route.allow !== undefined;
  const facts = { route: route.name, host: route.host, certificate };
  if (certificate === 'none' && needs)
    problems.handshake(['routes', at, 'allow'], { ...facts, problem: 'it allows only callers with certificates' });
  if (certificate === 'none' && route.observe)
    problems.handshake(['routes', at, 'observe'], { ...facts, problem: 'there is nothing to observe' });
  // "Whoever has a certificate" is no policy: who is meant has to be written.
  if (certificate === 'required' && !needs)
    problems.handshake(['routes', at], { ...facts, problem: 'it does not say whom it allows (allow)' });
}

/** At one host and path the first route that has the method answers. */
function checkReach(routes: readonly RouteSettings[], problems: ProblemList): void {
  const byPlace = new Map<string, { readonly route: RouteSettings; readonly at: number }[]>();
  routes.forEach((route, at) => {
    const key = `${route.host} ${route.path}`;
    const before = byPlace.get(key) ?? [];
    byPlace.set(key, [...before, { route, at }]);
    const whole = before.find((one) => one.route.methods === undefined);
    if (whole !== undefined) {
      problems.unreachable(['routes', at], route.name, whole.route.name, ['routes', whole.at]);
      return;
    }
    if (route.methods === undefined) return;
    const taken = (method: string): boolean => before.some((one) => one.route.methods?.includes(method) === true);
    const [cover] = before;
    if (cover !== undefined && route.methods.every(taken))
      problems.unreachable(['routes', at], route.name, cover.route.name, ['routes', cover.at]);
    else
      route.methods.forEach((method, number) => {
        const other = before.find((one) => one.route.methods?.includes(method));
        if (other !== undefined)
          problems.twice(['routes', at, 'methods', number], `${method} ${key}`, ['routes', other.at]);
      });
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
