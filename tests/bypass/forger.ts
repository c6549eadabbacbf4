/** Runs the forger, a Go program: node:tls and OpenSSL refuse to load a certificate with a key that is not its own. */
import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { requestInOctets } from './http2-request.ts';
import type { Presented, TlsVersion } from './presented.ts';
import type { Protocol } from './wanted.ts';

const source = join(import.meta.dirname, 'forger/main.go');

/** Why the forger cannot be built here; `false` where it can. On CI it must be there: a test that is always skipped proves nothing. */
export function forgerMissing(): string | false {
  if (spawnSync('go', ['version']).status === 0) return false;
  if (process.env['CI'] === 'true') throw new Error('CI has no go; the forged CertificateVerify would go untested');
  return 'SKIPPED: go is not installed, so no forged CertificateVerify was sent; install it or look at the result of CI';
}

/** Builds it; returns the path of the program. */
export function buildForger(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'forger');
  execFileSync('go', ['build', '-o', program, source], {
    env: { ...process.env, GOFLAGS: '', GOTOOLCHAIN: 'local' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return program;
}

/** What is wrong with a signature by the right key; the names are those of forger/main.go. */
export type Flaw = 'another handshake' | 'the other role' | 'PKCS #1 v1.5' | 'another salt' | 'one bit';

export interface Forged extends Presented {
  /** Absent: signed as it should be, with the key that there is. */
  readonly flaw?: Flaw;
}

export interface CalledByForger {
  readonly port: number;
  readonly protocol: Protocol;
  readonly version: TlsVersion;
}

function callTo({ port, protocol, version }: CalledByForger): object {
  const asked =
    protocol === 'h2' ? requestInOctets('x') : 'GET /v1/whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  return { address: `127.0.0.1:${port}`, protocol, version, request: Buffer.from(asked).toString('base64') };
}

/** Calls as often as it is told to, one call after the other, in one process. */
export class ForgingCaller {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #seen: AsyncIterator<string>;

  constructor(t: TestContext, program: string) {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => this.#child.kill());
    this.#seen = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.#write({ role: 'caller' });
  }

  /** Returns what the forger saw. */
  async call(to: CalledByForger, forged: Forged): Promise<string> {
    this.#write({ ...callTo(to), ...forged });
    const { value } = await this.#seen.next();
    return JSON.parse(String(value)) as string;
  }

  #write(order: object): void {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
  }
}

export interface ForgedServer {
  readonly port: number;
  readonly received: () => readonly string[];
}

/** Serves with this certificate and key. */
export async function forgedServer(
  t: TestContext,
  program: string,
  forged: Forged,
  version: TlsVersion,
): Promise<ForgedServer> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  child.stdin.end(JSON.stringify({ role: 'server', ...forged, version }));
  const received: string[] = [];
  const lines = createInterface(child.stdout);
  const [first] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => received.push(line));
  return { port: Number(first), received: () => received };
}
