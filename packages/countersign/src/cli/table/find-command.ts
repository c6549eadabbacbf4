/** The command that the first words of a line name: `up`, or `authority audit verify`; the longest name that fits. */
import { nearMatch, Refusal } from '../../ground/errors/index.ts';
import type { Command } from './command.ts';

export interface FoundCommand {
  readonly command: Command;
  /** What follows its name. */
  readonly rest: readonly string[];
}

/** Throws CS-USAGE-001 for a word that begins no command, CS-USAGE-004 for one that needs another after it. */
export function findCommand(words: readonly string[], commands: readonly Command[]): FoundCommand {
  const fitting = commands
    .map((command) => ({ command, name: command.name.split(' ') }))
    .filter(({ name }) => name.every((word, at) => words[at] === word))
    .toSorted((a, b) => b.name.length - a.name.length);
  const [longest] = fitting;
  if (longest !== undefined) return { command: longest.command, rest: words.slice(longest.name.length) };
  throw notFound(words, commands);
}

function notFound(words: readonly string[], commands: readonly Command[]): Refusal {
  const names = commands.map(({ name }) => name);
  const known = longestBeginning(words, names);
  const below = names.filter((name) => name.startsWith(`${known} `)).map((name) => name.slice(known.length + 1));
  const next = words[known === '' ? 0 : known.split(' ').length];
  if (known !== '' && (next === undefined || next.startsWith('-')))
    return new Refusal('CS-USAGE-004', {
      missing: `one of ${below.join(', ')}`,
      example: `countersign help ${known} ${below[0] ?? ''}`,
    });
  const given = known === '' ? (next ?? '') : `${known} ${next ?? ''}`;
  return new Refusal('CS-USAGE-001', { given, nearest: nearMatch(given, names) ?? 'none' });
}

/** As many of the words as begin the name of a command, which has more. */
function longestBeginning(words: readonly string[], names: readonly string[]): string {
  let known = '';
  for (const word of words) {
    const longer = known === '' ? word : `${known} ${word}`;
    if (!names.some((name) => name.startsWith(`${longer} `))) return known;
    known = longer;
  }
  return known;
}
