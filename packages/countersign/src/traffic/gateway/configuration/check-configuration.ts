/** A gateway's configuration read whole: everything that is wrong with it in one go, or what it says. */
import type { Refusal } from '../../../ground/errors/index.ts';
import { readCheckedSettings } from '../../../runtime/config/index.ts';
import { checkReferences } from './check-references.ts';
import { checkTokens } from './check-tokens.ts';
import { ProblemList, refusalOfProblem, type Written } from './problems.ts';
import type { GatewayFile } from './gateway-file.ts';
import { gatewayFile } from './schema.ts';

export interface CheckedFile {
  readonly file: GatewayFile;
  readonly read: Written;
}

/**
 * The text alone: the files that it names are not looked at.
 * @param path what refusals call it
 */
export async function checkText(
  text: string,
  path: string = 'gateway.yaml',
): Promise<CheckedFile | { readonly problems: readonly Refusal[] }> {
  const read = await readCheckedSettings(text, gatewayFile);
  if ('problems' in read) return { problems: read.problems.map((problem) => refusalOfProblem(path, problem)) };
  const problems = new ProblemList(path, read);
  checkReferences(read.value, problems);
  checkTokens(read.value, problems);
  return problems.found.length > 0 ? { problems: problems.found } : { file: read.value, read };
}
