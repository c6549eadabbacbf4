/** A gateway of many routes and partners that reads its file again whenever it is told to, and says how long the longest turn of its event loop was meanwhile. */
import { systemClock } from 'countersign/clock';
import { ConfigurationFollower, Gateway, loadConfiguration } from 'countersign/gateway';
import { threadCpuMs } from '../live/thread-cpu.ts';
import { type WantedConfiguration, writeConfiguration } from './configuration.ts';

/** What it tells after each reload. */
export interface Reloaded {
  readonly generation: number;
  /** From when it began to read until the new configuration was in force. */
  readonly tookMs: number;
  /** CPU time of the thread that serves, in its longest turn. */
  readonly longestTurnMs: number;
}

const ignore = (): void => undefined;

if (process.send !== undefined) {
  process.once('disconnect', () => process.exit());
  process.once('message', (wanted: WantedConfiguration) => void serve(wanted));
}

async function serve(wanted: WantedConfiguration): Promise<void> {
  const path = writeConfiguration(wanted);
  const loaded = await loadConfiguration(path);
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  const gateway = new Gateway(loaded, { clock: systemClock, onAccess: ignore, onRefusal: ignore, onClosed: ignore });
  await gateway.listen();
  const follower = new ConfigurationFollower({
    gateway,
    path,
    everyMs: 600_000,
    onApplied: ignore,
    onRefused: (refusal, problems) => {
      throw new Error([refusal, ...problems].join('\n'));
    },
  });
  let times = 0;
  process.on('message', () => {
    times += 1;
    // Every other one has a route and a partner more.
    const more = times % 2;
    writeConfiguration({ ...wanted, partners: wanted.partners + more, routes: wanted.routes + more });
    void reload(follower, gateway).then((reloaded) => process.send?.(reloaded));
  });
  process.send?.('ready');
}

async function reload(follower: ConfigurationFollower, gateway: Gateway): Promise<Reloaded> {
  let [going, longestTurnMs, last] = [true, 0, threadCpuMs()];
  const turn = (): void => {
    const now = threadCpuMs();
    longestTurnMs = Math.max(longestTurnMs, now - last);
    last = now;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  const begun = performance.now();
  await follower.reload();
  const tookMs = performance.now() - begun;
  // The turn in which it came into force.
  await new Promise((resolve) => setImmediate(resolve));
  going = false;
  return { generation: gateway.generation, tookMs, longestTurnMs };
}
