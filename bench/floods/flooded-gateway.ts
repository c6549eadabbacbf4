/** A gateway on the first core with a program behind it, those who call it well from the second, and those who flood it from there, too, so many a second. */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodePem } from 'countersign/encoding';
import { TestAuthority } from 'countersign/testing';
import type { FloodOrder } from '../../tests/e2e/floods/flooding.ts';
import { findProgram } from '../frame/server-process.ts';
import { commandOptions, importingOptions } from '../issuing/built-package.ts';
import type { Turns } from './gateway-process.ts';

export const flooded = 'api.test';

export type Flooding = Pick<FloodOrder, 'manner' | 'count' | 'perSecond'>;

export interface FloodedGateway {
  readonly port: number;
  readonly caller: FloodOrder['known'];
  /** Since the last time. */
  turns(): Promise<Turns>;
  /**
   * Resolves when as many are there as may be at a time; the function that is returned ends it, and says how many began a second.
   * @param where `elsewhere`: at another gateway, which has what this one leaves of its core, so that who floods costs the callers as much
   */
  flood(flooding: Flooding, where: 'here' | 'elsewhere'): Promise<() => Promise<number>>;
  close(): Promise<void>;
}

const floods = join(import.meta.dirname, '../../tests/e2e/floods');
const taskset = findProgram('taskset');
const chrt = findProgram('chrt');

function pin({ pid }: ChildProcess, core: number): void {
  if (taskset !== undefined) execFileSync(taskset, ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' });
}

/** To the lowest class of all, from which whoever else wakes up on its core takes it at once. */
function yieldToAll({ pid }: ChildProcess): void {
  if (chrt !== undefined) execFileSync(chrt, ['-a', '-i', '-p', '0', String(pid)], { stdio: 'ignore' });
}

const pem = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => encodePem('CERTIFICATE', der)).join('');

function tlsOf(name: string, by: TestAuthority): FloodOrder['known'] {
  const { chain, privateKey } = by.issue(name);
  return { cert: pem(chain), key: privateKey.toPem() };
}

export async function startFlooded(): Promise<FloodedGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const authority = new TestAuthority();
  const program = spawn(process.execPath, [join(floods, 'plain-program.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  pin(program, 1);
  const [upstreamPort] = (await once(createInterface({ input: program.stdout }), 'line')) as [string];
  const path = await written(folder, authority, upstreamPort);
  const [gateway, port] = await startGateway(path);
  const [other, otherPort] = await startGateway(path);
  yieldToAll(other);
  const [known, stranger] = [tlsOf('beta', authority), tlsOf('acme', new TestAuthority())];
  return {
    port,
    caller: tlsOf('acme', authority),
    turns: async () => {
      gateway.send('turns');
      const [turns] = (await once(gateway, 'message')) as [Turns];
      return turns;
    },
    flood: (flooding, where) =>
      startFlood({ ...flooding, port: where === 'here' ? port : otherPort, host: flooded, known, stranger }),
    close: async () => {
      program.stdin.end();
      for (const one of [gateway, other]) {
        one.disconnect();
        await once(one, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startGateway(path: string): Promise<[ChildProcess, number]> {
  const child = fork(join(import.meta.dirname, 'gateway-process.ts'), {
    // As the package's launcher starts it.
    execArgv: [...process.execArgv, ...commandOptions(), ...importingOptions()],
  });
  pin(child, 0);
  child.send(path);
  const [port] = (await once(child, 'message')) as [number];
  return [child, port];
}

async function startFlood(order: FloodOrder): Promise<() => Promise<number>> {
  const child = spawn(process.execPath, [join(floods, 'flooding.ts'), JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  pin(child, 1);
  yieldToAll(child);
  const lines = createInterface({ input: child.stdout });
  let last = '';
  const full = new Promise<void>((resolve) =>
    lines.on('line', (line) => {
      last = line;
      if (line === 'full') resolve();
    }),
  );
  const started = performance.now();
  await full;
  return async () => {
    const seconds = (performance.now() - started) / 1_000;
    const closed = once(lines, 'close');
    child.stdin.end();
    await closed;
    return (JSON.parse(last) as { began: number }).began / seconds;
  };
}

async function written(folder: string, authority: TestAuthority, upstreamPort: string): Promise<string> {
  const domain = authority.trustDomain;
  const { cert, key } = tlsOf('gateway', authority);
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key, { mode: 0o600 });
  await writeFile(join(folder, 'roots.pem'), pem(authority.bundle().anchors.map(({ raw }) => raw)));
  const path = join(folder, 'gateway.yaml');
  const partner = (name: string): string =>
    `{ name: ${name}, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/${name} }] }`;
  await writeFile(
    path,
    `version: 1
listen: { host: 127.0.0.1, port: 0 }
credentials: { main: { folder: . } }
trust: { ${domain}: { anchors: [roots.pem] } }
partners: [${partner('acme')}, ${partner('beta')}]
hosts: { ${flooded}: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: all, host: ${flooded}, path: /, allow: [acme, beta], upstream: plain }]
upstreams: { plain: { targets: ['http://127.0.0.1:${upstreamPort}'] } }
`,
  );
  return path;
}
