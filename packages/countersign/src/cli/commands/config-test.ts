/** `config test`: whether a configuration decides as a file of expectations says. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import { readTextFile } from '../../runtime/config/index.ts';
import { checkText, type KnownPartners, meetExpectations, withKnownPartners } from '../../traffic/gateway/index.ts';
import type { Call } from '../call.ts';

export async function run({ arguments: [path = '', expectations = ''], options, output }: Call): Promise<number> {
  const refused = (problems: readonly Refusal[]): number => {
    for (const problem of problems) output.refuse(problem);
    return problems[0]?.exit ?? 2;
  };
  const checked = await checkText(await readTextFile(path), path);
  if ('problems' in checked) return refused(checked.problems);
  const known = await withKnownPartners(checked.file, path, options.text('registry'));
  const met = await meetExpectations(await readTextFile(expectations), expectations, known.file);
  if ('problems' in met) return refused(met.problems);
  const { count, unmet } = met;
  output.say(` ${count - unmet.length} of ${count} expectations met`);
  const registry = registryWords(known);
  if (registry !== undefined) output.hint(` ${registry}`);
  const { registered, from } = known;
  output.result({
    ...{ expectations: count, unmet: unmet.length },
    ...(from === undefined ? {} : { registry: { from, known: registered !== undefined, partners: registered ?? 0 } }),
  });
  for (const one of unmet) output.refuse(one);
  return unmet[0]?.exit ?? 0;
}

/** `undefined` where there is no registry to speak of. */
function registryWords({ from, registered, asOfMs, problem }: KnownPartners): string | undefined {
  if (from === undefined) return undefined;
  if (registered === undefined)
    return `the partners of the registry are not known, and counted as nobody: ${problem === undefined ? 'no cache' : 'an unusable cache'} at ${from}; give --registry FILE`;
  return `${registered} partners of the registry, from ${from}${asOfMs === undefined ? '' : ` as of ${toRfc3339(asOfMs)}`}`;
}
