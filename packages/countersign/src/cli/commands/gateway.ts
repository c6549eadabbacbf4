/** `gateway`: runs until it is told to end; a line of JSON for each request and each thing that happens. */
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Metrics, processMetrics } from '../../runtime/telemetry/index.ts';
import {
  type AdminView,
  ConfigurationFollower,
  type Followed,
  Gateway,
  GatewayWorkers,
  loadConfiguration,
  type LoadedConfiguration,
  openAdmin,
  viewOf,
} from '../../traffic/gateway/index.ts';
import type { Listening } from '../../runtime/tls/index.ts';
import type { Call } from '../call.ts';
import { gatewayLog, type GatewayLog } from '../gateway/gateway-log.ts';
import { runWorker } from '../gateway/run-worker.ts';
import { startWorker } from '../gateway/start-worker.ts';
import { workerChannel } from '../gateway/worker-channel.ts';
import { endingStatus } from '../process/ending.ts';
import { refuseHostileProcess } from '../process/refuse-hostile-process.ts';

export async function run(call: Call): Promise<number> {
  const { output, world } = call;
  const { ending } = world;
  refuseHostileProcess(world);
  const channel = workerChannel(world);
  if (channel !== undefined) return runWorker(call, channel);
  const path = call.arguments[0] ?? '';
  const loaded = await loadConfiguration(path);
  if ('problems' in loaded) {
    for (const problem of loaded.problems) output.refuse(problem);
    return loaded.problems[0]?.exit ?? 2;
  }
  const asked = ending.wait();
  const log = gatewayLog(call);
  const { say, refused } = log;
  const gateway = gatewayOf(call, loaded, log);
  const { socket, port } = loaded.file.admin;
  const place = { socket: socket && resolve(dirname(path), socket), port };
  const listening = await gateway.listen().catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  const admin = await openAdmin(place, gateway.view);
  const follower = new ConfigurationFollower({
    gateway: gateway.followed,
    path,
    onApplied: ({ waiting, ...applied }) => {
      say('configuration', { ...applied });
      waiting.forEach(refused);
    },
    onRefused: (refusal, problems) => {
      refused(refusal);
      log.problems(problems);
    },
  });
  ending.reloadOnHangUp(() => void follower.reload());
  try {
    say('listening', { ...listening, ...gateway.alsoListening() });
    const end = await asked;
    say('draining', gateway.atEnd());
    output.result({ ended: end });
    return end === 'SIGINT' ? endingStatus.SIGINT : 0;
  } finally {
    follower.close();
    await gateway.close();
    await admin.close();
  }
}

interface Running {
  readonly followed: Followed;
  readonly view: AdminView;
  listen(): Promise<Listening>;
  alsoListening(): { readonly check?: Listening | undefined };
  atEnd(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** One process, unless the file asks for more. */
function gatewayOf(call: Call, loaded: LoadedConfiguration, log: GatewayLog): Running {
  const { workers } = loaded.file;
  const count = workers === 'auto' ? availableParallelism() : workers;
  return count === 1 ? alone(call, loaded, log) : several(call, loaded, log, count);
}

function alone({ world: { clock } }: Call, loaded: LoadedConfiguration, { ofGateway, observe }: GatewayLog): Running {
  const gateway = new Gateway(loaded, ofGateway);
  const metrics = new Metrics();
  gateway.observe(metrics);
  observe(metrics);
  processMetrics(metrics, clock);
  return {
    followed: gateway,
    view: viewOf(gateway, metrics),
    listen: () => gateway.listen(),
    alsoListening: () => ({ check: gateway.checking }),
    atEnd: () => ({ connections: gateway.connections, underWay: gateway.underWay }),
    close: () => gateway.close(),
  };
}

function several(call: Call, loaded: LoadedConfiguration, log: GatewayLog, count: number): Running {
  const { clock } = call.world;
  const { onLimitsNotKept, onWarning = () => undefined } = log.ofGateway;
  const workers = new GatewayWorkers(loaded, {
    clock,
    count,
    start: (worker) => startWorker(call, worker),
    onStarted: (worker, pid) => log.say('worker', { worker, pid }),
    onRefusal: log.refused,
    onLimitsNotKept,
    onWarning,
  });
  return {
    followed: workers,
    view: workers,
    listen: () => workers.listen(),
    alsoListening: () => ({ check: workers.checking }),
    atEnd: () => ({ workers: count }),
    close: () => workers.close(),
  };
}
