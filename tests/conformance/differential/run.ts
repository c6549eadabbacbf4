/** `npm run -s conformance:differential`: made chains before the library, OpenSSL, Go and @peculiar/x509, and where their verdicts differ. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CannotRun, runCommand } from '../runner-command.ts';
import { type Chain, chainOf } from './chain.ts';
import { compare, type Comparison, describeDifference } from './compare.ts';
import { keyPool } from './draft.ts';
import { countersign, go, type Judge, openssl, peculiar, pemOf } from './judges.ts';

const help = `usage: npm run -s conformance:differential -- [--chains N] [--seed S]
                                              [--number N] [--pem DIR]

Makes chains of certificates, each sound or broken in one known place, asks
four judges about each, and says where they differ from what is known.

  --chains N   how many; default 5000
  --seed S     default 1; a chain is the same for the same seed and number, but
               for RSA keys and the randomness of signatures
  --number N   this one alone
  --pem DIR    writes what differs and is not explained (with --number: the
               chain) into DIR as PEM, a folder each

One JSON object on the first line of stdout: {"seed", "chains", "agree",
"explained", "unexplained"}, counts by judge and the numbers of chains; what
each unexplained difference is stands below it.

exit status: 0 no difference that is not explained; 1 there are some; 2 used
wrongly; 3 openssl or go is missing.
`;

interface Options {
  readonly chains: number;
  readonly seed: number;
  readonly number: number | undefined;
  readonly pem: string | undefined;
}

let given: Options | undefined;
runCommand('conformance:differential', () => {
  given = readOptions();
});
if (given !== undefined) await main(given);

async function main({ chains: count, seed, number, pem }: Options): Promise<void> {
  const keys = keyPool(seed);
  const numbers = number === undefined ? Array.from({ length: count }, (_, at) => at) : [number];
  const chains = numbers.map((at) => chainOf(seed, keys, at));
  const judges: readonly Judge[] = [countersign, openssl, go, peculiar];
  const comparisons: Comparison[] = [];
  for (const judge of judges) comparisons.push(await compare(judge, chains));
  const unexplained = comparisons.flatMap((comparison) => comparison.unexplained);
  const by = (count: (comparison: Comparison) => number): Record<string, number> =>
    Object.fromEntries(comparisons.map((comparison) => [comparison.judge, count(comparison)]));
  const summary = {
    seed,
    chains: chains.length,
    agree: by(({ agreed }) => agreed),
    explained: by(({ explained }) => explained.length),
    unexplained: [...new Set(unexplained.map(({ chain }) => chain.number))],
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  for (const difference of unexplained) process.stdout.write(`${describeDifference(difference)}\n`);
  const wanted = number === undefined ? unexplained.map(({ chain }) => chain) : chains;
  if (pem !== undefined) for (const chain of wanted) writePem(resolve(pem, String(chain.number)), chain);
  if (unexplained.length > 0) process.exitCode = 1;
}

function writePem(folder: string, { leaf, intermediates, anchor, ...known }: Chain): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'leaf.pem'), pemOf([leaf]));
  writeFileSync(join(folder, 'intermediates.pem'), pemOf(intermediates));
  writeFileSync(join(folder, 'anchor.pem'), pemOf([anchor]));
  writeFileSync(
    join(folder, 'chain.json'),
    `${JSON.stringify({ ...known, traits: [...known.traits] }, undefined, 2)}\n`,
  );
}

function readOptions(): Options | undefined {
  const option = { type: 'string' } as const;
  const values = parsed({ chains: option, seed: option, number: option, pem: option, help: { type: 'boolean' } });
  if (values.help === true) {
    process.stdout.write(help);
    return undefined;
  }
  return {
    chains: whole('--chains', values.chains) ?? 5000,
    seed: whole('--seed', values.seed) ?? 1,
    number: whole('--number', values.number),
    pem: values.pem,
  };
}

interface Values {
  readonly chains?: string;
  readonly seed?: string;
  readonly number?: string;
  readonly pem?: string;
  readonly help?: boolean;
}

function parsed(options: NonNullable<Parameters<typeof parseArgs>[0]>['options']): Values {
  try {
    return parseArgs({ ...(options === undefined ? {} : { options }) }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CannotRun(2, error.message, 'Type: npm run -s conformance:differential -- --help');
  }
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new CannotRun(2, `${name} ${text} is no whole number`, 'Give digits alone.');
  return Number(text);
}
