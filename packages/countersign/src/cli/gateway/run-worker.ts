/** A worker of a gateway: serves until the primary says that it shall end, or is gone. */
import { Metrics, processMetrics } from '../../runtime/telemetry/index.ts';
import { GatewayWorker } from '../../traffic/gateway/index.ts';
import type { Call } from '../call.ts';
import { gatewayLog } from './gateway-log.ts';
import type { OpenChannel } from './worker-channel.ts';

export async function runWorker(call: Call, channel: OpenChannel): Promise<number> {
  const { ending, clock } = call.world;
  const metrics = new Metrics();
  processMetrics(metrics, clock);
  const log = gatewayLog(call);
  log.observe(metrics);
  // What a terminal or a service manager sends, it sends to all of the group; the primary says what comes of it.
  ending.reloadOnHangUp(() => undefined);
  ending.watch(() => undefined, { always: true });
  const asked = Promise.withResolvers<undefined>();
  const end = (): void => asked.resolve(undefined);
  channel.onGone(end);
  const worker = new GatewayWorker({ ...log.ofGateway, channel, metrics, onDrain: end });
  await asked.promise;
  await worker.close();
  return 0;
}
