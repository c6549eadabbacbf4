/** A refusal as a command shows it: the code and what happened, the evidence, what to do. */
import { entryOf } from './registry/registry.ts';
import { printable } from './printable.ts';
import type { Refusal } from './refusal.ts';

const columns = 80;

/** Three parts, each starting a line of its own and wrapped at 80 columns; no trailing line end. */
export function toCommandText(refusal: Refusal): string {
  const entry = entryOf(refusal.code);
  const facts = Object.entries(refusal.evidence).map(
    ([name, fact]) => `${name}: ${printable(Array.isArray(fact) ? fact.join(', ') : String(fact))}`,
  );
  return [
    wrapped(`${refusal.code} ${entry.title}. ${entry.cause}`, ' '),
    ...(facts.length === 0 ? [] : [wrapped(facts.join('; '), '   ')]),
    wrapped(`try: ${entry.remedy}`, '   '),
  ].join('\n');
}

function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((part) => indent + part).join('\n');
}
