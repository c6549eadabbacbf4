/** Text broken into lines that fit a width. */

/** Columns that a terminal is promised to have. */
export const columns = 80;

/** Words longer than the width stay whole, since a path or a command that is cut cannot be pasted; lists (a name's parts) break after a comma. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => parts(one, width))) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  return lines;
}

/** As much of a long list as fits at a time, so that no two parts would fit one line. */
function parts(word: string, width: number): string[] {
  const found: string[] = [];
  let rest = word;
  while (rest.length > width) {
    const comma = rest.lastIndexOf(',', width - 1);
    if (comma < 1) break;
    found.push(rest.slice(0, comma + 1));
    rest = rest.slice(comma + 1);
  }
  return [...found, rest];
}

/** `label` in a column of its own, `text` wrapped beside it. */
export function beside(label: string, text: string, indent: number, column: number): string[] {
  const lines = wrap(text, columns - column);
  const first = `${' '.repeat(indent)}${label}`;
  const room = first.length + 2 <= column;
  const head = room ? [`${first.padEnd(column)}${lines[0] ?? ''}`] : [first, `${' '.repeat(column)}${lines[0] ?? ''}`];
  return [...head, ...lines.slice(1).map((line) => ' '.repeat(column) + line)];
}
