/** A command's description as plain data, for --json and for the tests of the documentation. */
import type { Fields } from '../output/output.ts';
import { everywhere, type Command } from '../table/command.ts';

export function describe(command: Command): Fields {
  const { name, group, summary, about, program, examples, result } = command;
  return {
    command: name,
    group,
    summary,
    about,
    usage: usage(command),
    arguments: command.arguments,
    ...(program === undefined ? {} : { program }),
    options: [...command.options, ...everywhere],
    examples,
    result,
  };
}

/** As it is typed: `countersign token NAME... [options]`. */
export function usage(command: Command): string {
  const needed = command.options.filter(({ required }) => required === true);
  return [
    'countersign',
    command.name,
    ...command.arguments.map(({ name, required, many }) => bracket(`${name}${many ? '...' : ''}`, required)),
    ...needed.map(({ name, value }) => `--${name} ${value ?? ''}`.trim()),
    '[options]',
    ...(command.program === undefined ? [] : [`-- ${command.program.name}`]),
  ].join(' ');
}

function bracket(text: string, required: boolean): string {
  return required ? text : `[${text}]`;
}
