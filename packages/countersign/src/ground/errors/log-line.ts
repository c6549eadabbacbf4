/** A refusal as one line of a log: the code first, then what happened, then the facts as name=value. */
import { entryOf } from './registry/registry.ts';
import type { Refusal } from './refusal.ts';
import { printable } from './printable.ts';

export function toLogLine(refusal: Refusal): string {
  const facts = Object.entries(refusal.evidence).map(([name, fact]) => `${name}=${quoted(printable(String(fact)))}`);
  return [refusal.code, entryOf(refusal.code).title, ...facts].join(' ');
}

function quoted(text: string): string {
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}
