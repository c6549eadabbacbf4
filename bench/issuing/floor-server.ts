/** The floor of issuing over HTTPS, as a subject: see `floor-process.ts`. */
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { importingOptions, launcherOptions } from './built-package.ts';
import type { IssuingProduct, IssuingServer } from './issuing-server.ts';
import { startServer } from '../frame/server-process.ts';

export const floorServer: IssuingProduct = { name: 'floor', start };

/** How a reader of the numbers takes it. */
export const floorNote =
  'floor: bare node:https that verifies the request, signs once and answers; nothing is judged, recorded or logged';

async function start(): Promise<IssuingServer> {
  const program = join(import.meta.dirname, 'floor-process.ts');
  const args = [...launcherOptions(), ...importingOptions(), program];
  const server = startServer(process.execPath, args, {}, 'pipe');
  const { stdout } = server.child;
  if (stdout === null) throw new TypeError('its output is a pipe');
  const [line] = (await once(createInterface(stdout), 'line')) as [string];
  const { port, ca } = JSON.parse(line) as { port: number; ca: string };
  return {
    port,
    ca,
    cpuUs: () => server.cpuUs(),
    // It asks for none.
    makeTokens: async (count) => Array.from({ length: count }, () => ''),
    enrolment: (_, { pem }) => ({ path: '/enroll', body: JSON.stringify({ request: pem }) }),
    renewal: ({ pem }) => ({ path: '/renew', body: JSON.stringify({ request: pem }) }),
    chainOf: (answer) => (JSON.parse(answer) as { certificates: string }).certificates,
    close: () => server.stop(),
  };
}
