/** `run`: a program with an identity: files that stay fresh, calls that present it, and a front that lets in whom it names. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable, Refusal } from '../../ground/errors/index.ts';
import { type Agent, startAgent } from '../../traffic/agent/index.ts';
import { namesOf } from '../../traffic/enrollment/index.ts';
import { policyOfNames } from '../../traffic/preload/index.ts';
import type { Call } from '../call.ts';
import { calledAs } from '../called-as.ts';
import { tokenOf } from '../input/token-source.ts';
import { localToken } from '../local-authority.ts';
import { endingStatus } from '../process/ending.ts';
import { withPrivateFolder } from '../process/private-folder.ts';
import { type ProgramEnd, runProgram } from '../process/run-program.ts';
import { findPort } from '../run/find-port.ts';
import { type FrontOptions, frontOptions } from '../run/front-options.ts';
import { Front } from '../run/front.ts';
import { followForPrograms, outboundWriter, unknownTrust } from '../run/outbound.ts';
import { programEnvironment } from '../run/program-environment.ts';
import { stapleMeansOf, statusMeansOf, tellStatusMeans } from '../run/status-means.ts';
import type { StapleMeans, StatusMeans } from '../../traffic/revocation-sources/index.ts';
import { tellAgentEvent, tellFrontNews, tellRefusalAsWarning, tellWarning } from '../run/run-news.ts';

export async function run(call: Call): Promise<number> {
  const { output, world } = call;
  const front = await frontOptions(call);
  const means = statusMeansOf(call);
  const staple = stapleMeansOf(call);
  const token = await findToken(call);
  return withPrivateFolder(world.env, async (folder) => {
    // From here on a signal must leave no key behind, so it is waited for instead of ending the process.
    const started = await Promise.race([
      startAgent({ token, folder, clock: world.clock, onEvent: (event) => tellAgentEvent(event, output) }),
      world.ending.wait(),
    ]);
    if (typeof started === 'string') return endingStatus[started];
    try {
      return await runWith(call, started, { folder, front, means, staple });
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

interface Place {
  readonly folder: string;
  readonly front: FrontOptions | undefined;
  readonly means: StatusMeans | undefined;
  readonly staple: StapleMeans | undefined;
}

async function runWith(call: Call, agent: Agent, place: Place): Promise<number> {
  const { output, world } = call;
  // A name that can be no identity is told before anything is opened for it.
  for (const option of ['allow', 'to'])
    if (call.options.given(option)) policyOfNames(call.options.texts(option), agent.held.trustDomain);
  introduce(call, agent, place.folder);
  tellStatusMeans(place, call);
  const companions = await openCompanions(call, agent, place);
  try {
    const asked = world.ending.asked;
    if (asked !== undefined) return endingStatus[asked];
    const end = await companions.program();
    output.result({ status: end.status, signal: end.signal });
    return end.status;
  } finally {
    await companions.close();
  }
}

function introduce({ output, world }: Call, { held }: Agent, folder: string): void {
  const names = namesOf(held.leaf);
  const { serialNumber: serial, notAfter } = held.leaf;
  output.event('identity', { serial, notAfter: toRfc3339(notAfter), spiffeId: held.spiffeId, names, folder });
  if (world.stderr.isTTY) output.hint(` ${output.paint.faint(`countersign: runs as ${printable(names.join(' '))}`)}`);
}

interface Companions {
  /** Starts the program; resolves when it has ended. */
  program(): Promise<ProgramEnd>;
  close(): Promise<void>;
}

async function openCompanions(call: Call, agent: Agent, { folder, front, means, staple }: Place): Promise<Companions> {
  const { options, output, world } = call;
  const write = outboundWriter({ folder, to: options.texts('to'), public: options.texts('public'), means });
  write(unknownTrust(agent));
  const preload = !options.on('no-preload');
  const start = (onStart: (pid: number | undefined) => void = () => undefined): Promise<ProgramEnd> =>
    runProgram(call.program, {
      env: programEnvironment(world.env, { folder, spiffeId: agent.held.spiffeId, port: front?.port, preload }),
      workingDirectory: world.workingDirectory,
      stdoutTaken: output.json,
      terminal: world.stdin.isTTY || world.stderr.isTTY,
      ending: world.ending,
      onStart,
    });
  if (front === undefined) {
    if (!preload) return { program: () => start(), close: async () => undefined };
    const followed = await followForPrograms(agent, { clock: world.clock, lease: leaseOf(call) }, write, (warning) =>
      tellWarning(warning, output),
    );
    return { program: () => start(), close: () => followed.close() };
  }
  return openBehindFront(call, agent, { ...front, means, staple }, write, start);
}

function leaseOf({ options }: Call): 'refuseAfterLease' | 'continueAfterLease' {
  return options.text('after-lease') === 'continue' ? 'continueAfterLease' : 'refuseAfterLease';
}

async function openBehindFront(
  call: Call,
  agent: Agent,
  { listen, port, only, protocol, means, staple }: FrontOptions & Pick<Place, 'means' | 'staple'>,
  write: ReturnType<typeof outboundWriter>,
  start: (onStart: (pid: number | undefined) => void) => Promise<ProgramEnd>,
): Promise<Companions> {
  const { options, output, world } = call;
  const { clock, env } = world;
  const searching = new AbortController();
  let pid: number | undefined;
  let looking: Promise<void> | undefined;
  const look = (): void => {
    looking ??= findPort({
      pid: () => pid,
      expected: port,
      only,
      clock,
      signal: searching.signal,
      onWarning: (refusal) => tellRefusalAsWarning(refusal, output),
    }).then((found) => {
      looking = undefined;
      if (found === undefined) return;
      output.event('upstream', { ...found });
      front.setUpstream({ host: found.address, port: found.port });
    });
  };
  const front = new Front({
    agent,
    clock,
    allow: options.texts('allow'),
    listen,
    protocol,
    lease: leaseOf(call),
    means,
    staple,
    onNews: (news) => {
      if (news.type === 'trust') write(news.trust);
      // It may have come back on another port.
      if (news.type === 'unanswered' && pid !== undefined) look();
      tellFrontNews(news, output, calledAs(env));
    },
  });
  try {
    const opened = await front.opened;
    output.event('front', { ...opened, port: opened.port, upstream: port, allow: options.texts('allow') });
    const address = `${opened.host.includes(':') ? `[${opened.host}]` : opened.host}:${opened.port}`;
    output.hint(`countersign: ${address} serves ${options.texts('allow').join(', ')}, who come with a certificate`);
  } catch (error) {
    await front.end();
    throw error;
  }
  return {
    program: () =>
      start((started) => {
        pid = started;
        look();
      }),
    close: async () => {
      searching.abort();
      await looking;
      await front.end();
    },
  };
}
