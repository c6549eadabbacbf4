/** What `countersign` alone shows: the commands in the order in which one meets them. */
import type { Paint } from '../output/paint.ts';
import type { Command } from '../table/command.ts';
import { beside } from '../text/wrap.ts';

export function overviewText(commands: readonly Command[], paint: Paint): string {
  const groups = [...new Set(commands.map(({ group }) => group))];
  return [
    ` ${paint.strong('countersign')}: mutual TLS as the easy default`,
    ...groups.flatMap((group) => [
      '',
      ` ${paint.strong(group)}`,
      ...commands
        .filter((command) => command.group === group)
        .flatMap(({ name, summary }) => beside(name, summary, 3, name.length > 10 ? 28 : 14)),
    ]),
    '',
    ' countersign help COMMAND   its options, defaults and examples',
    ' countersign COMMAND --json the same as lines of JSON, for programs',
    '',
    ' exit status: 0 done; 1 refused or not valid; 2 used wrongly; 3 could not;',
    '              130 interrupted',
  ].join('\n');
}
