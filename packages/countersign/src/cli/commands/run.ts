/** `run`: a program with an identity whose files stay fresh while it runs and are gone afterwards. */
import { join } from 'node:path';
import { toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, printable, Refusal, toLogLine } from '../../ground/errors/index.ts';
import { startAgent, type Agent, type AgentEvent } from '../../traffic/agent/index.ts';
import { credentialFiles, namesOf, type HeldCredential } from '../../traffic/enrollment/index.ts';
import type { Call } from '../call.ts';
import { tokenOf, tokenVariable } from '../input/token-source.ts';
import { localToken } from '../local-authority.ts';
import type { Output } from '../output/output.ts';
import { endingStatus } from '../process/ending.ts';
import { withPrivateFolder } from '../process/private-folder.ts';
import { refuseHostileProcess } from '../process/refuse-hostile-process.ts';
import { runProgram } from '../process/run-program.ts';

export async function run(call: Call): Promise<number> {
  const { output, world } = call;
  refuseHostileProcess(world);
  const token = await findToken(call);
  return withPrivateFolder(world.env, async (folder) => {
    // From here on a signal must leave no key behind, so it is waited for instead of ending the process.
    const started = await Promise.race([
      startAgent({ token, folder, clock: world.clock, onEvent: (event) => tell(event, output) }),
      world.ending.wait(),
    ]);
    if (typeof started === 'string') return endingStatus[started];
    try {
      return await runWith(call, started, folder);
    } finally {
      await started.close();
    }
  });
}

async function findToken(call: Call): Promise<string> {
  const name = call.options.text('as');
  const token = await tokenOf(call, name !== undefined);
  if (token !== undefined) return token;
  if (name !== undefined) return localToken(call, [name]);
  throw new Refusal('CS-USAGE-004', { missing: '--as NAME', example: call.command.examples[0]?.line ?? '' });
}

async function runWith({ program, output, world }: Call, agent: Agent, folder: string): Promise<number> {
  const { held } = agent;
  const spiffeId = held.leaf.subjectAltName.uri[0];
  const names = namesOf(held.leaf);
  output.event('identity', { ...facts(held), spiffeId: spiffeId ?? null, names, folder });
  if (world.stderr.isTTY) output.hint(` ${output.paint.faint(`countersign: runs as ${printable(names.join(' '))}`)}`);
  const end = await runProgram(program, {
    env: programEnvironment(world.env, folder, spiffeId),
    workingDirectory: world.workingDirectory,
    stdoutTaken: output.json,
    terminal: world.stdin.isTTY || world.stderr.isTTY,
    ending: world.ending,
  });
  output.result({ status: end.status, signal: end.signal });
  return end.status;
}

function programEnvironment(
  env: Call['world']['env'],
  folder: string,
  spiffeId: string | undefined,
): Call['world']['env'] {
  return {
    ...env,
    // Used up, and a secret all the same.
    [tokenVariable]: undefined,
    COUNTERSIGN_CERT: join(folder, credentialFiles.certificate),
    COUNTERSIGN_KEY: join(folder, credentialFiles.key),
    COUNTERSIGN_ROOTS: join(folder, credentialFiles.roots),
    COUNTERSIGN_SPIFFE_ID: spiffeId,
  };
}

function facts({ leaf }: HeldCredential): { serial: string; notAfter: string } {
  return { serial: leaf.serialNumber, notAfter: toRfc3339(leaf.notAfter) };
}

/** The program's own words have the terminal: only what went wrong is said there. */
function tell(event: AgentEvent, output: Output): void {
  const serial = 'serialNumber' in event ? { serial: event.serialNumber } : {};
  const notAfter = 'notAfter' in event ? { notAfter: toRfc3339(event.notAfter) } : {};
  const failure = 'error' in event ? { code: isRefusal(event.error) ? event.error.code : null } : {};
  if (event.type !== 'loaded' && event.type !== 'enrolled')
    output.event(event.type, { ...serial, ...notAfter, ...failure });
  if ('error' in event)
    output.hint(`countersign: ${event.type}: ${isRefusal(event.error) ? toLogLine(event.error) : event.error.message}`);
  if (event.type === 'expired')
    output.hint('countersign: expired: the certificate ran out; renewal is tried again and again');
}
