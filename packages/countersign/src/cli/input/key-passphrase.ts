/**
 * Where the passphrase of the authority's keys comes from, the first that is there: a file that was named, the environment, a systemd
 * credential, a person at a terminal; never an argument.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import type { GivenPassphrase, KeyPassphrases } from '../../issuing/server/index.ts';
import { readPrivateFile, readTextFile } from '../../runtime/config/index.ts';
import type { World } from '../call.ts';
import { askUnseen, passphraseVariable } from './passphrase.ts';
import { readInputText } from './read-input.ts';

export interface PassphrasePlaces {
  /** Of the option that names a file. */
  readonly option: string;
  readonly variable: string;
  /** The name of a systemd credential (systemd.exec(5), LoadCredential=). */
  readonly credential?: string;
}

export const statePassphrase: PassphrasePlaces = {
  option: 'passphrase-file',
  variable: passphraseVariable,
  credential: 'countersign-passphrase',
};

export const newPassphrase: PassphrasePlaces = {
  option: 'new-passphrase-file',
  variable: 'COUNTERSIGN_NEW_PASSPHRASE',
};

export const pkcs12Passphrase: PassphrasePlaces = {
  option: 'pkcs12-passphrase-file',
  variable: 'COUNTERSIGN_PKCS12_PASSPHRASE',
};

export const rootPassphrase: PassphrasePlaces = {
  option: 'root-passphrase-file',
  variable: 'COUNTERSIGN_ROOT_PASSPHRASE',
};

export class KeyPassphrase implements KeyPassphrases {
  readonly #file: string | undefined;
  readonly #places: PassphrasePlaces;
  readonly #world: World;
  #given: Promise<GivenPassphrase | undefined> | undefined;
  #typed: Promise<GivenPassphrase | undefined> | undefined;
  #again = false;

  /** @param file what the option said; - for stdin */
  constructor(file: string | undefined, places: PassphrasePlaces, world: World) {
    this.#file = file;
    this.#places = places;
    this.#world = world;
  }

  readonly given = (): Promise<GivenPassphrase | undefined> => {
    this.#given ??= this.#find();
    return this.#given;
  };

  /** Asked for once where it is right: all keys of one authority are under one passphrase. A slip of the fingers has a second try. */
  readonly opening = async (file: string, wrong?: GivenPassphrase): Promise<GivenPassphrase | undefined> => {
    const given = await this.given();
    if (given !== undefined) return wrong === undefined ? given : undefined;
    if (wrong === undefined) this.#typed ??= this.#ask(file);
    else if (this.#again) return undefined;
    else {
      this.#again = true;
      this.#typed = this.#ask(file, 'that was another; once more, passphrase of');
    }
    return this.#typed;
  };

  /** For keys that are about to be encrypted: typed twice, where it is typed. @returns `undefined` where there is none and nobody to ask */
  readonly choosing = async (what: string): Promise<GivenPassphrase | undefined> => {
    const given = await this.given();
    if (given !== undefined) return given;
    const first = await this.#ask(what, 'new passphrase of');
    if (first === undefined) return undefined;
    const again = await this.#ask(what, 'once more, passphrase of');
    if (again?.text !== first.text) throw new Refusal('CS-PASS-005', { what });
    return first;
  };

  async #find(): Promise<GivenPassphrase | undefined> {
    const { option, variable, credential } = this.#places;
    const { env } = this.#world;
    if (this.#file !== undefined) return { text: firstLine(await this.#read(this.#file)), from: `--${option}` };
    const inEnvironment = env[variable];
    if (inEnvironment !== undefined) return { text: inEnvironment, from: variable };
    const folder = env['CREDENTIALS_DIRECTORY'];
    if (credential === undefined || folder === undefined) return undefined;
    const path = join(folder, credential);
    if (!existsSync(path)) return undefined;
    // Its mode is systemd's business: an access list makes it look readable by a group, and the folder is for this service alone.
    return { text: firstLine(await readTextFile(path)), from: `systemd credential ${credential}` };
  }

  async #read(file: string): Promise<string> {
    if (file === '-') return readInputText(file, this.#world);
    const path = resolve(this.#world.workingDirectory, file);
    try {
      return await readPrivateFile(path, 'CS-PASS-004');
    } catch (error) {
      if (isRefusal(error) && error.code === 'CS-FILE-001')
        throw new Refusal('CS-PASS-006', { path }, { cause: error });
      throw error;
    }
  }

  async #ask(what: string, question?: string): Promise<GivenPassphrase | undefined> {
    const { stdin, stderr } = this.#world;
    if (!stdin.isTTY || !stderr.isTTY) return undefined;
    const text = await askUnseen(what, this.#world, question);
    return text === undefined ? undefined : { text, from: 'the terminal' };
  }
}

/** One line end closes the line; spaces may be part of the passphrase. */
function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
