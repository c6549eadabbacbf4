/** `config test`: whether a configuration decides as a file of expectations says. */
import type { Refusal } from '../../ground/errors/index.ts';
import { readTextFile } from '../../runtime/config/index.ts';
import { checkText, meetExpectations } from '../../traffic/gateway/index.ts';
import type { Call } from '../call.ts';

export async function run({ arguments: [path = '', expectations = ''], output }: Call): Promise<number> {
  const refused = (problems: readonly Refusal[]): number => {
    for (const problem of problems) output.refuse(problem);
    return problems[0]?.exit ?? 2;
  };
  const checked = await checkText(await readTextFile(path), path);
  if ('problems' in checked) return refused(checked.problems);
  const met = await meetExpectations(await readTextFile(expectations), expectations, checked.file);
  if ('problems' in met) return refused(met.problems);
  const { count, unmet } = met;
  output.say(` ${count - unmet.length} of ${count} expectations met`);
  output.result({ expectations: count, unmet: unmet.length });
  for (const one of unmet) output.refuse(one);
  return unmet[0]?.exit ?? 0;
}
