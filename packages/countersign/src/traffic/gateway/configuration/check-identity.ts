/** How upstreams are told who calls: whether what a configuration says of it can be kept. */
import { parseSpiffeId } from '../../../identity/spiffe/index.ts';
import { parseTarget } from '../../upstream/index.ts';
import type { GatewayFile, RouteSettings } from './gateway-file.ts';
import type { ProblemList } from './problems.ts';

export function checkIdentity(file: GatewayFile, problems: ProblemList): void {
  checkSigning(file, problems);
  const forms = new Map<string, { readonly route: RouteSettings; readonly at: number }>();
  file.routes.forEach((route, at) => {
    checkRoute(route, at, file, problems);
    const first = forms.get(route.upstream);
    if (first === undefined) forms.set(route.upstream, { route, at });
    // A program reads a PROXY header on each of its connections, or on none.
    else if ((route.identity === 'proxy-v2') !== (first.route.identity === 'proxy-v2'))
      problems.wrongValue(
        ['routes', at, 'identity'],
        `all routes to an upstream, or none, have proxy-v2: ${first.route.name} has ${first.route.identity}`,
      );
  });
}

function checkRoute(
  route: RouteSettings,
  at: number,
  { signing, upstreams }: GatewayFile,
  problems: ProblemList,
): void {
  const place = ['routes', at, 'identity'];
  if (route.identity === 'signed' && signing === undefined)
    problems.wrongValue(place, 'signing is needed: with which keys identities are signed');
  if (route.identityChain === true && route.identity !== 'rfc9440')
    problems.wrongValue(['routes', at, 'identityChain'], 'it has an effect with identity: rfc9440 alone');
  const { targets = [] } = Object.hasOwn(upstreams, route.upstream) ? (upstreams[route.upstream] ?? {}) : {};
  if (route.identity === 'proxy-v2' && targets.some(speaksHttp2))
    problems.wrongValue(
      place,
      'proxy-v2 names one caller for a whole connection, and those of HTTP/2 are shared: use http:// or https://',
    );
}

function speaksHttp2(target: string): boolean {
  try {
    return parseTarget(target).version === 'h2';
  } catch {
    return false;
  }
}

function checkSigning({ signing, routes }: GatewayFile, problems: ProblemList): void {
  if (signing === undefined) return;
  const { issuer, keys, state } = signing;
  try {
    parseSpiffeId(issuer);
  } catch (error) {
    problems.wrongValue(['signing', 'issuer'], error instanceof Error ? error.message : String(error));
  }
  if ((keys === undefined) === (state === undefined)) problems.wrongValue(['signing'], 'either keys, or state');
  if (!routes.some(({ identity }) => identity === 'signed'))
    problems.wrongValue(['signing'], 'no route has identity: signed');
}
