/** `status`: how the authority is; where none serves, what its files tell. */
import { sleep, toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { authorityAtRest } from '../../issuing/server/index.ts';
import type { Call } from '../call.ts';
import { withAuthority } from '../administered-authority.ts';
import { localDirectoryOf } from '../local-authority.ts';
import { endingStatus } from '../process/ending.ts';
import { followStatus } from '../status/follow-status.ts';
import { atRestText, statusText } from '../status/status-text.ts';

const exitNotReady = 1;
const exitNotRunning = 3;
const watchEveryMs = 2_000;

export async function run(call: Call): Promise<number> {
  const { options } = call;
  if (options.on('follow')) {
    options.exclude('follow', 'watch', 'the one shows what happens, the other how it is');
    for (const other of ['authority', 'credential'])
      options.exclude('follow', other, 'the feed is followed at the socket of this machine');
    return followStatus(call);
  }
  if (!options.on('watch')) return show(call, 'result');
  const { ending, clock, stdout } = call.world;
  const asked = ending.wait();
  for (;;) {
    // Back to the top and clear what follows: a terminal shows it in place.
    if (stdout.isTTY && !call.output.json) stdout.write('\u001b[H\u001b[J');
    await show(call, 'status');
    const end = await Promise.race([asked, sleep(clock, watchEveryMs)]);
    if (end !== undefined || call.output.closed) return end === undefined ? 0 : endingStatus[end];
  }
}

async function show(call: Call, event: 'result' | 'status'): Promise<number> {
  const { output, world } = call;
  const dir = localDirectoryOf(call);
  const nowMs = world.clock.now();
  try {
    const status = await withAuthority(call, (authority) => authority.status());
    output.say(statusText(status, dir, nowMs, output.paint));
    output.event(event, { running: true, dir, ...status });
    return status.ready === false ? exitNotReady : 0;
  } catch (error) {
    // Nobody listens there, or there is no such place; whatever else went wrong is told as it is.
    if (!isRefusal(error) || error.code !== 'CS-NET-004') throw error;
    const rest = await authorityAtRest(dir);
    const { issuerNotAfterMs, ...facts } = rest;
    output.say(atRestText(rest, dir, nowMs, output.paint));
    output.hint(' start it with: countersign up');
    const issuerNotAfter = issuerNotAfterMs === undefined ? {} : { issuerNotAfter: toRfc3339(issuerNotAfterMs) };
    output.event(event, { running: false, dir, ...facts, ...issuerNotAfter });
    return exitNotRunning;
  }
}
