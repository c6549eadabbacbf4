/** Programs as processes: those that end, and those that go on and say lines of JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock as clock } from 'countersign/clock';

export type Said = Readonly<Record<string, unknown>>;

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

const launcher = join(import.meta.dirname, '../../../packages/countersign/bin/countersign');
/** Longer than anything here takes on a machine with other work; then it says what it waited for. */
const longestMs = 60_000;

// A state directory of whoever runs the example is none of its business.
const env: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(?:COUNTERSIGN_|NODE_(?!COMPILE_CACHE)|XDG_|SSL_|CURL_)/.test(name),
  ),
);

/** All programs of one scenario, in its folder; whatever still runs is ended with it. */
export class Programs {
  readonly folder: string;
  readonly #running = new Set<ChildProcess>();
  readonly #served: Running[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  async run(program: string, args: readonly string[], input = ''): Promise<Ended> {
    const child = this.#spawn(program, args);
    child.stdin?.on('error', () => undefined).end(input);
    let [out, err] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    return { status, out, err };
  }

  /** As `run`. @throws where it did not end well */
  async done(program: string, args: readonly string[]): Promise<string> {
    const { status, out, err } = await this.run(program, args);
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(status)}: ${err}`);
    return out;
  }

  /** `countersign ... --json`: the exit status, and its last line. */
  async countersign(...args: string[]): Promise<{ readonly status: number | null; readonly result: Said }> {
    const { status, out, err } = await this.run(launcher, [...args, '--json']);
    const last = out.trimEnd().split('\n').at(-1) ?? '';
    if (!last.startsWith('{')) throw new Error(`countersign ${args.join(' ')} ended with ${String(status)}: ${err}`);
    return { status, result: JSON.parse(last) as Said };
  }

  /** @throws where the answer was no */
  async administer(...args: string[]): Promise<Said> {
    const { status, result } = await this.countersign(...args, '--dir', 'state');
    if (status !== 0) throw new Error(`countersign ${args.join(' ')}: ${JSON.stringify(result)}`);
    return result;
  }

  /** `countersign ...` that goes on until it is told to end. */
  serve(...args: string[]): Running {
    return this.start(launcher, args);
  }

  start(program: string, args: readonly string[]): Running {
    const running = new Running(this.#spawn(program, args), [program.replace(/^.*\//, ''), ...args].join(' '));
    this.#served.push(running);
    return running;
  }

  /** What those that go on said last, for who looks for a reason. */
  lastWords(): string {
    return this.#served.map((one) => one.lastWords()).join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#running].map(async (child) => {
        const gone = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGTERM');
        const late = clock.after(10_000, () => child.kill('SIGKILL'));
        await gone;
        late.cancel();
      }),
    );
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    // A dozen processes of the same modules: those after the first need not compile them again.
    const compiled = env['NODE_COMPILE_CACHE'] ?? join(this.folder, 'compiled');
    const child = spawn(program, [...args], { cwd: this.folder, env: { ...env, NODE_COMPILE_CACHE: compiled } });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child)).once('error', () => this.#running.delete(child));
    return child;
  }
}

export class Running {
  readonly #child: ChildProcess;
  readonly #what: string;
  readonly #lines: string[] = [];
  readonly #looking = new Set<() => void>();
  #err = '';
  #ended = false;

  constructor(child: ChildProcess, what: string) {
    this.#child = child;
    this.#what = what;
    const look = (): void => this.#looking.forEach((one) => one());
    child.stderr?.on('data', (text: Buffer) => (this.#err += text.toString()));
    if (child.stdout !== null)
      createInterface(child.stdout).on('line', (line) => {
        this.#lines.push(line);
        look();
      });
    child.once('close', () => {
      this.#ended = true;
      look();
    });
  }

  /** How many lines it has said. */
  get count(): number {
    return this.#lines.length;
  }

  /** The first line that begins so. */
  async line(start: string): Promise<string> {
    return this.#found(start, () => this.#lines.find((line) => line.startsWith(start)));
  }

  /** The first line of JSON with all these members. @param after lines that are left out, as `count` said before */
  async heard(members: Said, after = 0): Promise<Said> {
    const wanted = Object.entries(members);
    return this.#found(JSON.stringify(members), () =>
      this.#lines
        .slice(after)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Said)
        .find((said) => wanted.every(([name, value]) => said[name] === value)),
    );
  }

  lastWords(): string {
    return [this.#what, ...this.#lines.slice(-5), ...this.#err.trimEnd().split('\n').slice(-5)].join('\n  ');
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Its exit status. */
  async end(): Promise<number | null> {
    if (!this.#ended) await new Promise((resolve) => this.#child.once('close', resolve));
    return this.#child.exitCode;
  }

  #found<T>(wanted: string, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        late.cancel();
        this.#looking.delete(look);
      };
      const fail = (why: string): void => {
        settle();
        reject(
          new Error(`${this.#what}: ${why}, and never said ${wanted}: ${this.#err}${this.#lines.slice(-3).join('\n')}`),
        );
      };
      const look = (): void => {
        const found = find();
        if (found !== undefined) {
          settle();
          resolve(found);
        } else if (this.#ended) fail('it ended');
      };
      const late = clock.after(longestMs, () => fail('too late'));
      this.#looking.add(look);
      look();
    });
  }
}
