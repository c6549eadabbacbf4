/** Reads the configuration again when one of its files changes, or when it is told to: taken whole, or the last good one stays. */
import { unwatchFile, watchFile } from 'node:fs';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type LoadedConfiguration, loadConfiguration } from '../configuration/load-configuration.ts';
import type { Applied } from '../gateway.ts';

/** A gateway, or several processes of one. */
export interface Followed {
  readonly configuration: LoadedConfiguration;
  readonly trusts: { keepActive(): void };
  prepare(configuration: LoadedConfiguration): Promise<void>;
  apply(configuration: LoadedConfiguration): Applied | Promise<Applied>;
}

export interface FollowOptions {
  readonly gateway: Followed;
  readonly path: string;
  readonly onApplied: (applied: Applied) => void;
  readonly onRefused: (refusal: Refusal, problems: readonly Refusal[]) => void;
  /** How often the files are looked at, milliseconds. Default 1,000. */
  readonly everyMs?: number;
}

export class ConfigurationFollower {
  readonly #options: FollowOptions;
  readonly #watched = new Set<string>();
  readonly #onChange = (now: { mtimeMs: number; ino: number; size: number }, then: typeof now): void => {
    if (now.mtimeMs !== then.mtimeMs || now.ino !== then.ino || now.size !== then.size) void this.reload();
  };
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#watch(options.gateway.configuration.files);
  }

  /** One at a time; asked for meanwhile it is done once more. Never rejects. */
  reload(): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#readUntilCurrent().finally(() => (this.#running = undefined));
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    for (const file of this.#watched) unwatchFile(file, this.#onChange);
  }

  async #readUntilCurrent(): Promise<void> {
    do {
      this.#again = false;
      await this.#read();
    } while (this.#again && !this.#closed);
  }

  async #read(): Promise<void> {
    const { gateway, path, onApplied } = this.#options;
    try {
      const loaded = await loadConfiguration(path);
      if (this.#closed) return;
      this.#watch(loaded.files);
      if ('problems' in loaded) {
        this.#refuse(loaded.problems);
        return;
      }
      await gateway.prepare(loaded);
      if (!this.#closed) onApplied(await gateway.apply(loaded));
    } catch (error) {
      // Whatever it is, the last good one stays.
      this.#refuse([isRefusal(error) ? error : notTaken(path, error)]);
    }
  }

  #refuse(problems: readonly Refusal[]): void {
    const { gateway, path, onRefused } = this.#options;
    gateway.trusts.keepActive();
    const first = problems[0]?.message ?? 'not known';
    onRefused(new Refusal('CS-GATEWAY-024', { path, problems: problems.length, first }), problems);
  }

  /** By looking: editors and agents replace files, which a watch of the file itself would not survive. */
  #watch(files: readonly string[]): void {
    if (this.#closed) return;
    for (const file of files) {
      if (this.#watched.has(file)) continue;
      this.#watched.add(file);
      watchFile(file, { interval: this.#options.everyMs ?? 1_000, persistent: false }, this.#onChange);
    }
    for (const file of this.#watched)
      if (!files.includes(file)) {
        this.#watched.delete(file);
        unwatchFile(file, this.#onChange);
      }
  }
}

function notTaken(path: string, error: unknown): Refusal {
  const first = error instanceof Error ? error.message : String(error);
  return new Refusal('CS-GATEWAY-024', { path, problems: 1, first }, { cause: error });
}
