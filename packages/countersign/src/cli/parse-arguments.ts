/** What was typed after the command's name, read against its description: nothing unknown, nothing missing, nothing ignored. */
import { parseArgs } from 'node:util';
import { parseRfc3339 } from '../ground/clock/index.ts';
import { nearMatch, Refusal } from '../ground/errors/index.ts';
import { OptionValues, type HostAndPort, type OptionValue } from './option-values.ts';
import { everywhere, type Command, type Option } from './table/command.ts';
import { durationForm, parseDuration } from './text/duration.ts';

export interface Parsed {
  readonly options: OptionValues;
  readonly arguments: readonly string[];
  readonly program: readonly string[];
  readonly help: boolean;
}

type Token = ReturnType<typeof tokensOf>[number];

export function parseArguments(command: Command, argv: readonly string[]): Parsed {
  const declared = [...command.options, ...everywhere];
  const tokens = tokensOf(declared, argv);
  const end = tokens.find((token) => token.kind === 'option-terminator');
  const own = tokens.filter((token) => end === undefined || token.index < end.index);
  const after = end === undefined ? [] : argv.slice(end.index + 1);
  refuseProgramWithoutDashes(command, own);
  const values = new Map<string, OptionValue>();
  const given: string[] = [];
  for (const token of own) {
    if (token.kind === 'positional') given.push(token.value);
    else if (token.kind === 'option') readOption(command, declared, token, values);
  }
  const options = new OptionValues(declared, values);
  const help = options.on('help');
  const takesProgram = command.program !== undefined;
  const parsed = {
    options,
    arguments: takesProgram ? given : [...given, ...after],
    program: takesProgram ? after : [],
    help,
  };
  if (!help) refuseIncomplete(command, parsed);
  return parsed;
}

function tokensOf(declared: readonly Option[], argv: readonly string[]) {
  const types = declared.map(({ name, kind }) => [
    name,
    { type: kind === 'switch' ? 'boolean' : 'string', ...(name === 'help' ? { short: 'h' } : {}) } as const,
  ]);
  // Not strict: Node's own messages know neither our near matches nor our codes, so each token is checked here.
  const options = Object.fromEntries(types) as Record<string, { type: 'boolean' | 'string'; short?: string }>;
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function readOption(
  command: Command,
  declared: readonly Option[],
  token: Extract<Token, { kind: 'option' }>,
  values: Map<string, OptionValue>,
): void {
  const option = declared.find(
    ({ name }) => name === token.name && (token.rawName.startsWith('--') || name === 'help'),
  );
  if (option === undefined) throw unknownOption(command, declared, token.rawName);
  if (option.later !== undefined) throw new Refusal('CS-USAGE-007', { option: token.rawName, ...option.later });
  const before = values.get(option.name);
  if (before !== undefined && option.kind !== 'switch' && option.many !== true) {
    throw new Refusal('CS-USAGE-005', { given: `a second ${token.rawName}`, help: helpLine(command) });
  }
  const value = valueOf(option, token.value, token.inlineValue ?? false);
  values.set(option.name, option.many === true ? [...listOf(before), ...listOf(value)] : value);
}

function listOf(value: OptionValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

function unknownOption(command: Command, declared: readonly Option[], rawName: string): Refusal {
  if (/^--(token|secret|password|key-text)$/.test(rawName)) {
    return new Refusal('CS-USAGE-008', {
      argument: rawName,
      instead:
        '--token-file FILE, or --token-file - and the token on stdin, or the environment variable COUNTERSIGN_TOKEN',
    });
  }
  if (
    /^--?(pass|passin|passphrase|pass-phrase)$/.test(rawName) &&
    declared.some(({ name }) => name === 'passphrase-file')
  ) {
    return new Refusal('CS-USAGE-008', {
      argument: rawName,
      instead: '--passphrase-file FILE, or the environment variable COUNTERSIGN_PASSPHRASE',
    });
  }
  const near = nearMatch(
    rawName.replace(/^-+/, ''),
    declared.map(({ name }) => name),
  );
  const nearest = near === undefined ? 'none' : `--${near}`;
  return new Refusal('CS-USAGE-002', { option: rawName, nearest, help: helpLine(command) });
}

function valueOf(option: Option, text: string | undefined, inline: boolean): OptionValue {
  const wrong = (expected: string): Refusal =>
    new Refusal('CS-USAGE-003', { option: `--${option.name}`, value: text ?? 'missing', expected });
  if (option.kind === 'switch') {
    if (text !== undefined) throw wrong('nothing: it is a switch');
    return true;
  }
  // `--out --json` is a forgotten value far more often than a file named --json; such a one is given as --out=--json.
  if (text === undefined || text === '' || (!inline && text.startsWith('--'))) throw wrong(option.value ?? 'a value');
  return readers[option.kind](text, option, wrong);
}

type Reader = (text: string, option: Option, wrong: (expected: string) => Refusal) => OptionValue;

const asItIs: Reader = (text) => text;

const readers: Readonly<Record<Exclude<Option['kind'], 'switch'>, Reader>> = {
  text: asItIs,
  path: asItIs,
  duration(text, _option, wrong) {
    const ms = parseDuration(text);
    if (ms === undefined) throw wrong(durationForm);
    return ms;
  },
  time(text, _option, wrong) {
    const ms = parseRfc3339(text);
    if (ms === undefined) throw wrong('a time as RFC 3339 writes it: 2026-01-31T12:00:00Z');
    return ms;
  },
  address(text, _option, wrong) {
    const address = parseAddress(text);
    if (address === undefined) throw wrong('HOST:PORT: 127.0.0.1:7443, [::1]:7443, or port 0 for any free one');
    return address;
  },
  choice(text, option, wrong) {
    if (option.choices?.includes(text) !== true) throw wrong(`one of: ${option.choices?.join(', ') ?? ''}`);
    return text;
  },
};

export function parseAddress(text: string): HostAndPort | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/@\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

function refuseProgramWithoutDashes(command: Command, tokens: readonly Token[]): void {
  if (command.program === undefined) return;
  const first = tokens.find((token) => token.kind === 'positional');
  if (first === undefined || tokens.some((token) => token.kind === 'option' && token.name === 'help')) return;
  throw new Refusal('CS-USAGE-004', { missing: `-- before ${first.value}`, example: command.examples[0]?.line ?? '' });
}

function refuseIncomplete(command: Command, parsed: Parsed): void {
  const example = command.examples[0]?.line ?? '';
  for (const option of command.options) {
    if (option.required === true && !parsed.options.given(option.name)) {
      throw new Refusal('CS-USAGE-004', { missing: `--${option.name} ${option.value ?? ''}`.trim(), example });
    }
  }
  const needed = command.arguments.find((argument, at) => argument.required && parsed.arguments[at] === undefined);
  if (needed !== undefined) throw new Refusal('CS-USAGE-004', { missing: needed.name, example });
  if (command.program !== undefined && parsed.program.length === 0) {
    throw new Refusal('CS-USAGE-004', { missing: `-- ${command.program.name}`, example });
  }
  const most = command.arguments.some(({ many }) => many) ? Infinity : command.arguments.length;
  const beyond = parsed.arguments[most];
  if (beyond !== undefined) throw new Refusal('CS-USAGE-005', { given: beyond, help: helpLine(command) });
  const token = parsed.arguments.find((argument) => argument.startsWith('cs1_'));
  if (token !== undefined) {
    throw new Refusal('CS-USAGE-008', {
      argument: 'an enrolment token',
      instead: '--token-file FILE, or COUNTERSIGN_TOKEN',
    });
  }
}

function helpLine(command: Command): string {
  return `countersign help ${command.name}`;
}
