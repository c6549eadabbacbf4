/** From a command line to an exit status: finds the command, parses, runs it, and says in the right form what went wrong. */
import { isRefusal, withoutSecrets } from '../ground/errors/index.ts';
import type { Call, World } from './call.ts';
import { toRefusal } from './fault.ts';
import { showHelp } from './help/show-help.ts';
import { loadCommand } from './load-command.ts';
import { createOutput } from './output/output.ts';
import { endingStatus } from './process/ending.ts';
import { parseArguments } from './parse-arguments.ts';
import { commands } from './table/commands.ts';
import { findCommand } from './table/find-command.ts';
import { version } from './version.ts';

export async function runCommandLine(argv: readonly string[], world: World): Promise<number> {
  const output = createOutput(wantsJson(argv), world);
  try {
    return await run(argv, world, output);
  } catch (error) {
    const refusal = isRefusal(error) ? error : toRefusal(error);
    output.refuse(refusal);
    if ((world.env['COUNTERSIGN_DEBUG'] ?? '') !== '') output.hint(withoutSecrets(stackOf(error)));
    // What fails because it was interrupted was interrupted.
    return world.ending.asked === 'SIGINT' ? endingStatus.SIGINT : refusal.exit;
  }
}

async function run(argv: readonly string[], world: World, output: Call['output']): Promise<number> {
  const [first = 'help', ...rest] = argv;
  if (first === '--version' || first === '-V') {
    if (!output.json) output.say(version());
    output.result({ version: version() });
    return 0;
  }
  const dashed = first === '--help' || first === '-h';
  // `countersign --json help` puts the switch first; the command is then the next word.
  if (first === '--json' && rest.length > 0) return run([...rest, first], world, output);
  const words = dashed || first === '--json' ? ['help', ...rest] : argv.length === 0 ? [first] : argv;
  const { command, rest: given } = findCommand(words, commands);
  const parsed = parseArguments(command, given);
  if (parsed.help) return showHelp(command, output);
  if (command.environment !== 'any') await refuseEnvironment(world);
  const runIt = await loadCommand(command.name);
  return runIt({
    command,
    options: parsed.options,
    arguments: parsed.arguments,
    program: parsed.program,
    output,
    world,
  });
}

/** Loaded when it is needed: help need not wait for TLS. */
async function refuseEnvironment(world: World): Promise<void> {
  const { refuseHostileProcess } = await import('./process/refuse-hostile-process.ts');
  refuseHostileProcess(world);
}

/** Read before parsing, so that a refusal of the very words typed comes in the form that was asked for. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
