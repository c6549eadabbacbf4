/** A gateway that is flooded: it says how long the turns of its event loop kept others waiting, and what CPU time it took, since it was asked last. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from 'countersign/clock';
import { Gateway, loadConfiguration } from 'countersign/gateway';

/** What it tells whenever it is asked. */
export interface Turns {
  readonly p99Ms: number;
  readonly mostMs: number;
  readonly cpuMs: number;
  /** What it refused and closed, by code. */
  readonly told: Readonly<Record<string, number>>;
}

const resolution = 2;
let told: Record<string, number> = {};
const count = ({ code }: { readonly code: string }): void => void (told[code] = (told[code] ?? 0) + 1);

if (process.send !== undefined) {
  process.once('disconnect', () => process.exit());
  process.once('message', (path: string) => void serve(path));
}

async function serve(path: string): Promise<void> {
  const loaded = await loadConfiguration(path);
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  const gateway = new Gateway(loaded, {
    clock: systemClock,
    onAccess: (): void => undefined,
    onRefusal: count,
    onClosed: count,
  });
  const { port } = await gateway.listen();
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  let cpu = process.cpuUsage();
  process.on('message', () => {
    const { user, system } = process.cpuUsage(cpu);
    // It measures from one of its timers to the next.
    const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolution);
    const turns: Turns = {
      p99Ms: ms(delay.percentile(99)),
      mostMs: ms(delay.max),
      cpuMs: (user + system) / 1_000,
      told,
    };
    delay.reset();
    cpu = process.cpuUsage();
    told = {};
    process.send?.(turns);
  });
  process.send?.(port);
}
