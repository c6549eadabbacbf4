/** What the file may say and this build does not do: refused, since what is written and has no effect fails open. */
import type { ProblemList } from './problems.ts';
import type { GatewayFile } from './gateway-file.ts';

const notDone = 'it has no effect in this version; what is written and not done would be a hole';

export function checkEnforced({ routes }: GatewayFile, problems: ProblemList): void {
  routes.forEach(({ identity }, at) => {
    if (identity !== 'xfcc' && identity !== 'none') problems.wrongValue(['routes', at, 'identity'], notDone);
  });
}
