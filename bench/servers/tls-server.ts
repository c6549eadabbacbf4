/** A server of mutual TLS in a process of its own that answers `GET /` with "ok": the one interface of all that are compared. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem } from 'countersign/encoding';
import { freePort } from '../frame/listening.ts';
import { findProgram, type ServerProcess, startServer } from '../frame/server-process.ts';
import type { TwoSides } from '../frame/two-sides.ts';

export const host = '127.0.0.1';

/** The key exchange that a scenario is about, as OpenSSL calls it. */
export type Group = 'X25519' | 'X25519MLKEM768';

export interface TlsServerProduct {
  readonly name: string;
  /** Why it cannot be measured on this machine with this group; `undefined`: it can. */
  absent(group: Group): string | undefined;
  /** Resolves when it takes connections. */
  start(wanted: WantedServer): Promise<ServerProcess>;
}

export interface WantedServer extends ServerFiles {
  readonly group: Group;
  readonly port: number;
}

/** All of them PEM, in a folder that the server may use for more. */
export interface ServerFiles {
  readonly folder: string;
  /** The chain without the root. */
  readonly certificate: string;
  readonly key: string;
  /** Whom clients must have their certificates from. */
  readonly root: string;
}

export interface RunningServer extends ServerProcess {
  readonly port: number;
}

export async function startTlsServer(
  product: TlsServerProduct,
  { server, root }: TwoSides,
  group: Group,
): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const files = {
    folder,
    certificate: join(folder, 'cert.pem'),
    key: join(folder, 'key.pem'),
    root: join(folder, 'root.pem'),
  };
  writeFileSync(files.certificate, server.chain.map((der) => encodePem('CERTIFICATE', der)).join(''));
  writeFileSync(files.key, server.privateKey.toPem(), { mode: 0o600 });
  writeFileSync(files.root, encodePem('CERTIFICATE', root));
  const port = await freePort();
  try {
    const running = await product.start({ ...files, group, port });
    await untilReached(port, running);
    const stop = async (): Promise<void> => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    return { ...running, port, stop };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

const pins = availableParallelism() > 1 ? findProgram('taskset') : undefined;

/** On the first core, where there are two: the generator has another. */
export function startPinned(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  output: 'pipe' | 'ignore' = 'ignore',
): ServerProcess {
  // taskset replaces itself by the command, so the process is the server's.
  return pins === undefined
    ? startServer(command, args, env, output)
    : startServer(pins, ['-c', '0', command, ...args], env, output);
}

/** This process, which generates the load, on the second core. */
export function pinGenerator(): void {
  if (pins !== undefined) execFileSync(pins, ['-a', '-p', '-c', '1', String(process.pid)], { stdio: 'ignore' });
}

/** A build of the package and a start of Envoy take their time on a busy machine. */
const mostStartMs = 60_000;

async function untilReached(port: number, { child }: ServerProcess): Promise<void> {
  const end = performance.now() + mostStartMs;
  while (!(await reached(port))) {
    if (child.exitCode !== null) throw new Error(`the server ended with status ${String(child.exitCode)}`);
    if (performance.now() > end) throw new Error('the server took no connection in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function reached(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
