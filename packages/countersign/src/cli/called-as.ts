/** How the person called the command, so that the lines we print work when pasted. */

/** npx sets npm_command=exec; a package script sets start or run-script, where the bin is not on PATH either. */
const throughNpm: ReadonlySet<string> = new Set(['exec', 'start', 'run', 'run-script', 'test']);

export function calledAs(env: Readonly<Record<string, string | undefined>>): string {
  return throughNpm.has(env['npm_command'] ?? '') ? 'npx countersign' : 'countersign';
}

/** Words of a shell command, quoted where they need it. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
