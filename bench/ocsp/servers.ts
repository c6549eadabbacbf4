/** The responders that are compared, each in a process of its own, with one certificate on record. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Running } from '../frame/scenario.ts';
import { findProgram, type ServerProcess } from '../frame/server-process.ts';
import { importingOptions } from '../issuing/built-package.ts';
import { freePort } from '../frame/listening.ts';
import { host, pinGenerator, startPinned } from '../servers/tls-server.ts';

export type Product = 'countersign' | 'node:http' | 'openssl ocsp';

export const openssl: string | undefined = findProgram('openssl');

/** @param acts questions at the same time */
export async function startResponder(product: Product, acts: number): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const ours = await started(node('responder-process.ts', folder), join(folder, 'request.der'));
  const path = `/ocsp/${encodeURIComponent(readFileSync(join(folder, 'request.der')).toString('base64'))}`;
  const server = product === 'countersign' ? ours : await another(product, ours, folder, path);
  pinGenerator();
  const agent = new Agent({ keepAlive: true, maxSockets: acts });
  // OpenSSL answers one after the other, and ends the connection with each answer.
  const at = product === 'openssl ocsp' ? { agent: false as const } : { agent };
  const together = product === 'openssl ocsp' ? 1 : acts;
  const target = product === 'openssl ocsp' ? path.slice('/ocsp'.length) : path;
  const operation = async (): Promise<void> => {
    await Promise.all(Array.from({ length: together }, () => ask(server.port, target, at)));
  };
  for (let done = 0; done < warmOperations(product); done += 1) await operation();
  return {
    acts: together,
    operation,
    cpuUs: () => server.process.cpuUs(),
    close: async () => {
      agent.destroy();
      await server.process.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A responder runs for months: its compiler is done, which the few requests of a warm-up by the clock do not bring about. Not in tests. */
function warmOperations(product: Product): number {
  return product === 'openssl ocsp' || process.env['COUNTERSIGN_BENCH_SOURCES'] === '1' ? 0 : 4_000;
}

interface Started {
  readonly process: ServerProcess;
  readonly port: number;
}

type Start = (port: string) => ServerProcess;

function node(file: string, folder: string): Start {
  const program = join(import.meta.dirname, file);
  return (port) => startPinned(process.execPath, [...importingOptions(), program, port, folder]);
}

async function another(product: Product, ours: Started, folder: string, path: string): Promise<Started> {
  const answer = await answerOf(ours.port, path);
  writeFileSync(join(folder, 'answer.der'), answer.body);
  writeFileSync(join(folder, 'headers.json'), JSON.stringify(answer.headers));
  await ours.process.stop();
  return started(product === 'node:http' ? node('bare-process.ts', folder) : opensslOcsp(folder));
}

function opensslOcsp(folder: string): Start {
  const file = (name: string): string => join(folder, name);
  return (port) =>
    startPinned(openssl ?? 'openssl', [
      ...['ocsp', '-index', file('index.txt'), '-CA', file('issuer.pem'), '-port', port, '-ignore_err'],
      ...['-rsigner', file('responder.pem'), '-rkey', file('responder.key'), '-ndays', '1', '-resp_key_id'],
    ]);
}

const mostStartMs = 60_000;

/** @param made a file that it makes before it is ready */
async function started(start: Start, made?: string): Promise<Started> {
  const port = await freePort();
  const server = start(String(port));
  const end = performance.now() + mostStartMs;
  while ((made !== undefined && !existsSync(made)) || !(await reached(port))) {
    if (server.child.exitCode !== null) throw new Error(`it ended with status ${String(server.child.exitCode)}`);
    if (performance.now() > end) throw new Error('it took no connection in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { process: server, port };
}

/** By a whole request: OpenSSL's server waits for ever on a connection that brings none. */
function reached(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host, port, path: '/', agent: false }, (response) => {
      response.resume().on('end', () => resolve(true));
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}

function ask(port: number, path: string, at: { readonly agent: Agent | false }): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host, port, path, ...at }, (response) => {
      let octets = 0;
      response.on('data', (part: Buffer) => (octets += part.length));
      // An error of OCSP has five octets.
      response.on('end', () => {
        if (response.statusCode === 200 && octets > 100) resolve();
        else reject(new Error(`answered ${String(response.statusCode)} with ${String(octets)} octets`));
      });
    }).on('error', reject);
  });
}

interface Answered {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** With those headers that node:http does not set by itself. */
function answerOf(port: number, path: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    get({ host, port, path, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const { date: _, connection: __, 'keep-alive': ___, ...headers } = response.headers;
        resolve({ body: Buffer.concat(parts), headers: headers as Record<string, string> });
      });
    }).on('error', reject);
  });
}
