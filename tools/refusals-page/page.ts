/** The page of all refusals, made from the registry. */
import type { RefusalEntry } from '../../packages/countersign/src/ground/errors/index.ts';

const exits = { 1: '1 (the answer is no)', 2: '2 (used wrongly)', 3: '3 (could not)' } as const;

export function refusalsPage(registry: ReadonlyMap<string, RefusalEntry>): string {
  const entries = [...registry].sort(([a], [b]) => a.localeCompare(b));
  return [
    '# Refusals',
    '',
    'Whatever Countersign refuses has a code. The log line, the problem document of an HTTP answer (RFC 9457) and the text of the',
    'command are made from the same entry as this page; `npm run docs` writes it.',
    '',
    ...entries.flatMap(([code, entry]) => section(code, entry)),
  ].join('\n');
}

function section(code: string, entry: RefusalEntry): string[] {
  return [
    `## ${code}: ${escaped(entry.title)}`,
    '',
    escaped(entry.cause),
    '',
    `- Evidence: ${entry.evidence.map((name) => `\`${name}\``).join(', ') || 'none'}`,
    `- What to do: ${escaped(entry.remedy)}`,
    `- Exit status: ${exits[entry.exit]}; HTTP status: ${entry.http}`,
    '',
  ];
}

/** Markdown takes these for markup. */
function escaped(text: string): string {
  return text.replace(/[<>*_|]/g, (character) => `\\${character}`);
}
