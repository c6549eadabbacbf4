/** What the file may say and this build does not do: refused, since what is written and has no effect fails open. */
import type { ProblemList } from './problems.ts';
import type { GatewayFile } from './gateway-file.ts';

const notDone = 'it has no effect in this version; what is written and not done would be a hole';

export function checkEnforced({ partners, routes }: GatewayFile, problems: ProblemList): void {
  partners.forEach(({ limits }, at) => {
    if (limits !== undefined) problems.wrongValue(['partners', at, 'limits'], notDone);
  });
  routes.forEach(({ limits, bounds }, at) => {
    // The server's own 15 s hold for every route.
    if (bounds.headerMs !== 15_000) problems.wrongValue(['routes', at, 'bounds', 'headerMs'], notDone);
    if (limits !== undefined) problems.wrongValue(['routes', at, 'limits'], notDone);
  });
}
