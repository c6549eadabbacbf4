/** What the schema can not see of `registry`. */
import type { GatewayFile } from './gateway-file.ts';
import type { ProblemList } from './problems.ts';

/** In `allow` of a route: each partner of the registry that has the route among its own. */
export const allowsRegistered = 'registry:*';

export function checkRegistry({ registry, credentials, trust }: GatewayFile, problems: ProblemList): void {
  if (registry === undefined) return;
  if (!Object.hasOwn(credentials, registry.credential))
    problems.unknownName(['registry', 'credential'], 'credential', registry.credential, Object.keys(credentials));
  if (!Object.hasOwn(trust, registry.trust))
    problems.unknownName(['registry', 'trust'], 'trust domain', registry.trust, Object.keys(trust));
}
