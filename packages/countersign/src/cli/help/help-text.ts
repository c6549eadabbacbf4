/** Help for people: what it is for, each option with its unit and default, and examples that work. */
import { plain, type Paint } from '../output/paint.ts';
import { everywhere, type Command, type Option } from '../table/command.ts';
import { beside, columns, wrap } from '../text/wrap.ts';
import { usage } from './describe.ts';

/** Where the explaining column begins. */
const explanation = 26;

export function helpText(command: Command, paint: Paint = plain): string {
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', ` ${paint.strong(title)}`, ...lines];
  return [
    ...wrap(`countersign ${command.name}: ${command.summary}`, columns - 1).map((line) => ` ${paint.strong(line)}`),
    '',
    ...wrap(command.about, columns - 1).map((line) => ` ${line}`),
    ...section(
      'usage',
      wrap(usage(command), columns - 4).map((line) => `   ${line}`),
    ),
    ...section('arguments', argumentLines(command)),
    ...section('options', [...command.options, ...everywhere].flatMap(optionLines)),
    ...section('examples', exampleLines(command, paint)),
  ].join('\n');
}

function argumentLines(command: Command): string[] {
  const shown = command.arguments.map(({ name, many, summary }) => [`${name}${many ? '...' : ''}`, summary] as const);
  const all =
    command.program === undefined
      ? shown
      : [...shown, [`-- ${command.program.name}`, command.program.summary] as const];
  return all.flatMap(([label, summary]) => beside(label, summary, 3, explanation));
}

function optionLines(option: Option): string[] {
  const label = `--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
  const note = option.later === undefined ? defaultNote(option) : `(not in this version: refused)`;
  const repeat = option.many === true ? '; may be repeated' : '';
  return beside(label, `${option.summary}${repeat} ${note}`, 3, explanation);
}

function defaultNote(option: Option): string {
  if (option.required === true) return '(required)';
  const choices = option.choices === undefined ? '' : `${option.choices.join(', ')}; `;
  return `(${choices}default: ${option.default})`;
}

function exampleLines(command: Command, paint: Paint): string[] {
  return command.examples.flatMap(({ line, shows }) => [`   ${line}`, `     ${paint.faint(shows)}`]);
}
