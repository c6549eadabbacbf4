/** `config check`: everything that is wrong with a configuration of the gateway. */
import { loadConfiguration } from '../../traffic/gateway/index.ts';
import type { Call } from '../call.ts';

export async function run({ arguments: [path = ''], output }: Call): Promise<number> {
  const loaded = await loadConfiguration(path);
  if ('problems' in loaded) {
    for (const problem of loaded.problems) output.refuse(problem);
    output.result({ path, valid: false, problems: loaded.problems.length });
    return loaded.problems[0]?.exit ?? 2;
  }
  const { hosts, routes, partners } = loaded.file;
  const counts = { hosts: Object.keys(hosts).length, routes: routes.length, partners: partners.length };
  output.say(` good: ${counts.hosts} hosts, ${counts.routes} routes, ${counts.partners} partners`);
  output.result({ path, valid: true, problems: 0, ...counts });
  return 0;
}
