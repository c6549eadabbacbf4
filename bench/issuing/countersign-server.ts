/** `countersign up` with a state directory of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { openLocalAuthority } from 'countersign/api';
import { builtMain, launcherOptions } from './built-package.ts';
import { dnsName, type IssuingProduct, type IssuingServer } from './issuing-server.ts';
import { type ServerProcess, startServer } from '../frame/server-process.ts';

export interface CountersignProcess extends ServerProcess {
  readonly port: number;
  /** Milliseconds from the start of the process to its word that it is ready. */
  readonly readyMs: number;
}

/** @param dir the state directory; what was there goes on */
export async function startCountersign(dir: string): Promise<CountersignProcess> {
  const main = builtMain();
  const begun = performance.now();
  const args = [...launcherOptions(), main, 'up', '--dir', dir, '--listen', '127.0.0.1:0', '--json'];
  const server = startServer(process.execPath, args, { HOME: dir }, 'pipe');
  const { stdout } = server.child;
  if (stdout === null) throw new TypeError('its output is a pipe');
  const lines = createInterface(stdout);
  const port = await new Promise<number>((ready, fail) => {
    lines.on('line', (line) => {
      const event = JSON.parse(line) as { event: string; url: string };
      if (event.event === 'ready') ready(Number(new URL(event.url).port));
    });
    lines.once('close', () => fail(new Error('countersign up ended before it was ready')));
  });
  const readyMs = performance.now() - begun;
  lines.removeAllListeners('line').close();
  // What it says of each certificate is read and thrown away.
  stdout.resume();
  return { ...server, port, readyMs };
}

export const countersign: IssuingProduct = {
  name: 'countersign',
  start: async (): Promise<IssuingServer> => {
    const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
    const server = await startCountersign(dir);
    const local = openLocalAuthority(dir);
    const token = async (): Promise<string> => (await local.createToken({ names: [dnsName], lifeSeconds: 3600 })).token;
    return {
      port: server.port,
      ca: await rootOf(server.port),
      cpuUs: () => server.cpuUs(),
      makeTokens: async (count) => Promise.all(Array.from({ length: count }, token)),
      enrolment: (presented, { pem }) => ({
        path: '/v1/enroll',
        body: JSON.stringify({ token: presented, request: pem }),
      }),
      renewal: ({ pem }) => ({ path: '/v1/renew', body: JSON.stringify({ request: pem }) }),
      chainOf: (answer) => (JSON.parse(answer) as { certificates: string }).certificates,
      close: async () => {
        await local.close();
        await server.stop();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  },
};

/** On loopback, from a process that was started here: there is nobody to be taken in by. */
export async function rootOf(port: number): Promise<string> {
  return new Promise((resolve_, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/v1/roots', rejectUnauthorized: false, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => resolve_((JSON.parse(text) as { roots: string[] }).roots.join('')));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}
