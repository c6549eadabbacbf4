/** Where a passphrase comes from: a file, the environment, or a person at a terminal; never an argument. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Refusal } from '../../ground/errors/index.ts';
import type { World } from '../call.ts';
import { readInputText } from './read-input.ts';

export const passphraseVariable = 'COUNTERSIGN_PASSPHRASE';

/** Asks at most once: the first answer serves every object of the call. */
export class PassphraseSource {
  readonly #file: string | undefined;
  readonly #world: World;
  readonly #variable: string;
  #known: Promise<string | undefined> | undefined;

  /**
   * @param file - for stdin; absent: the environment, else a terminal
   * @param variable which one of the environment's
   */
  constructor(file: string | undefined, world: World, variable: string = passphraseVariable) {
    this.#file = file;
    this.#world = world;
    this.#variable = variable;
  }

  /** @param what it opens, for the question @returns `undefined` where there is none and nobody to ask */
  passphrase(what: string): Promise<string | undefined> {
    this.#known ??= this.#read(what);
    return this.#known;
  }

  async #read(what: string): Promise<string | undefined> {
    // One line end closes the line; spaces may be part of the passphrase.
    if (this.#file !== undefined) return (await readInputText(this.#file, this.#world)).split(/\r?\n/, 1)[0] ?? '';
    const given = this.#world.env[this.#variable];
    if (given !== undefined) return given;
    return this.#world.stdin.isTTY && this.#world.stderr.isTTY ? askUnseen(what, this.#world) : undefined;
  }
}

/** What is typed is not shown. */
export async function askUnseen(
  what: string,
  { stdin, stderr, ending, env }: World,
  question: string = 'passphrase of',
): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  // In a terminal's raw mode Ctrl-C comes as a key, not as a signal.
  lines.once('SIGINT', () => ending.ask('SIGINT'));
  // Only now, when the terminal no longer shows what is typed: an answer may come at once.
  // In the place of a line of progress (ECMA-48, EL).
  stderr.write(`${env['TERM'] === 'dumb' ? '' : '\r\u001b[K'} ${question} ${what}: `);
  const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  const unwatch = ending.watch(() => lines.close());
  try {
    const answer = await Promise.race([lines.question(''), closed]);
    if (answer === undefined && ending.asked !== undefined) throw new Refusal('CS-PKCS-002', { object: what });
    return answer;
  } finally {
    unwatch();
    lines.close();
    stderr.write('\n');
  }
}
