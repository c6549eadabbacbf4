/** What limits can not say: a burst of no rate, the connections of a route. */
import type { Place } from '../../../runtime/config/index.ts';
import type { GatewayFile, LimitSettings } from './gateway-file.ts';
import type { ProblemList } from './problems.ts';

export function checkLimits({ partners, routes }: GatewayFile, problems: ProblemList): void {
  partners.forEach(({ limits }, at) => checkOne(limits, ['partners', at, 'limits'], problems));
  routes.forEach(({ limits }, at) => {
    const place = ['routes', at, 'limits'];
    checkOne(limits, place, problems);
    if (limits?.connections !== undefined)
      problems.wrongValue([...place, 'connections'], 'connections are for all routes: write it at the partner');
  });
}

function checkOne(limits: LimitSettings | undefined, place: Place, problems: ProblemList): void {
  if (limits === undefined) return;
  const { requestsPerSecond, burst, requestsPerDay, connections } = limits;
  if (burst !== undefined && requestsPerSecond === undefined)
    problems.wrongValue([...place, 'burst'], 'a burst is of a rate: requestsPerSecond is missing');
  else if (requestsPerSecond === undefined && requestsPerDay === undefined && connections === undefined)
    problems.wrongValue(place, 'nothing is limited');
}
