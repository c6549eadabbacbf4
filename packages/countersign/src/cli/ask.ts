/** Asks before what cannot be undone: on a terminal alone; a script has decided already. */
import { createInterface } from 'node:readline/promises';
import { Refusal } from '../ground/errors/index.ts';
import type { World } from './call.ts';

/** Refuses unless the answer is yes; the question is on stderr, since stdout is for the answer of the command. */
export async function confirm(question: string, { stdin, stderr, ending }: World): Promise<void> {
  if (!stdin.isTTY) return;
  const lines = createInterface({ input: stdin, output: stderr });
  // In a terminal's raw mode Ctrl-C comes as a key, not as a signal.
  lines.once('SIGINT', () => ending.ask('SIGINT'));
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const unwatch = ending.watch(() => lines.close());
  try {
    const answer = await Promise.race([lines.question(` ${question} [y/N] `), closed]);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Refusal('CS-RUN-004', { question });
  } finally {
    unwatch();
    lines.close();
  }
}
