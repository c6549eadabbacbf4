/** The runners' results over the vectors that are at hand; nothing where one of the suites is absent. */
import type { ProfileChoice } from '../../tests/conformance/limbo/ask.ts';
import { readLimboFile } from '../../tests/conformance/limbo/limbo-file.ts';
import { runCases } from '../../tests/conformance/limbo/score.ts';
import { readPkitsFolder } from '../../tests/conformance/pkits/pkits-folder.ts';
import { runPkits } from '../../tests/conformance/pkits/score.ts';
import { vectors } from '../../tests/conformance/vectors.ts';
import type { Scores } from './page.ts';

const choices: readonly ProfileChoice[] = ['asked', 'rfc5280', 'webpki'];

export function scores(): Scores | undefined {
  const [file, folder] = [vectors('x509-limbo.json.gz', '2,044'), vectors('pkits', '247')];
  if (file.skip !== false || folder.skip !== false) return undefined;
  const cases = readLimboFile(file.path);
  const now = Date.now();
  return {
    limbo: new Map(choices.map((choice) => [choice, runCases(cases, choice, now)])),
    pkits: runPkits(readPkitsFolder(folder.path), ['dsa', 'sha1']),
  };
}
