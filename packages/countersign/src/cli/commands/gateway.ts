/** `gateway`: runs until it is told to end; a line of JSON for each request and each thing that happens. */
import { dirname, resolve } from 'node:path';
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable, type Refusal, toCommandText } from '../../ground/errors/index.ts';
import { Metrics, processMetrics } from '../../runtime/telemetry/index.ts';
import { ConfigurationFollower, Gateway, loadConfiguration, openAdmin } from '../../traffic/gateway/index.ts';
import type { Call } from '../call.ts';
import { endingStatus } from '../process/ending.ts';
import { refuseHostileProcess } from '../process/refuse-hostile-process.ts';

export async function run(call: Call): Promise<number> {
  const { output, world } = call;
  const { clock, ending } = world;
  refuseHostileProcess(world);
  const path = call.arguments[0] ?? '';
  const loaded = await loadConfiguration(path);
  if ('problems' in loaded) {
    for (const problem of loaded.problems) output.refuse(problem);
    return loaded.problems[0]?.exit ?? 2;
  }
  const asked = ending.wait();
  const say = (event: string, fields: Readonly<Record<string, unknown>>): void => {
    const time = toRfc3339(clock.now());
    // With --json the lines have the form of every command's; without it they are the log.
    if (output.json) output.event(event, { time, ...fields });
    else output.say(JSON.stringify({ time, event, ...fields }));
  };
  const refused = ({ code, title, evidence }: Refusal): void => say('refused', { code, title, evidence });
  const gateway = new Gateway(loaded, {
    clock,
    onRefusal: refused,
    onWarning: refused,
    onClosed: ({ code, title, evidence }) => say('closed', { code, title, evidence }),
    onChecked: (verdict, address) => {
      if (!output.behind) say('checked', { address, ...verdict });
    },
    onAccess: ({ atMs: _, path: asked, method, ...rest }) => {
      // Who reads the log too slowly loses lines of it, and nothing else waits for him.
      if (!output.behind) say('request', { ...rest, method: printable(method), path: printable(asked) });
    },
  });
  const metrics = new Metrics();
  gateway.observe(metrics);
  processMetrics(metrics, clock);
  const { socket, port } = loaded.file.admin;
  const place = { socket: socket && resolve(dirname(path), socket), port };
  const listening = await gateway.listen();
  const admin = await openAdmin(place, gateway, metrics);
  const follower = new ConfigurationFollower({
    gateway,
    path,
    onApplied: ({ waiting, ...applied }) => {
      say('configuration', { ...applied });
      waiting.forEach(refused);
    },
    onRefused: (refusal, problems) => {
      refused(refusal);
      for (const problem of problems) output.hint(toCommandText(problem));
    },
  });
  ending.reloadOnHangUp(() => void follower.reload());
  try {
    say('listening', { ...listening, check: gateway.checking });
    const end = await asked;
    say('draining', { connections: gateway.connections, underWay: gateway.underWay });
    output.result({ ended: end });
    return end === 'SIGINT' ? endingStatus.SIGINT : 0;
  } finally {
    follower.close();
    await gateway.close();
    await admin.close();
  }
}
