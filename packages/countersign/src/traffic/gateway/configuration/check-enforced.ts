/** What the file may say and this build does not do: refused, since what is written and has no effect fails open. */
import type { ProblemList } from './problems.ts';
import type { GatewayFile } from './gateway-file.ts';

const notDone = 'it has no effect in this version; what is written and not done would be a hole';

export function checkEnforced({ routes, upstreams }: GatewayFile, problems: ProblemList): void {
  routes.forEach(({ identity }, at) => {
    if (identity !== 'xfcc' && identity !== 'none') problems.wrongValue(['routes', at, 'identity'], notDone);
  });
  for (const [name, { targets }] of Object.entries(upstreams))
    targets.forEach((target, at) => {
      if (target.startsWith('https:')) problems.wrongValue(['upstreams', name, 'targets', at], notDone);
    });
}
