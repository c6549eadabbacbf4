/** Certificates of a file for path validation. */
import type { PemBlock } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { parseCertificate, type Certificate } from '../../identity/x509/index.ts';
import type { World } from '../call.ts';
import { cryptoObjects } from '../input/crypto-objects.ts';
import { readInput } from '../input/read-input.ts';

/** One that was left out, which can only make a path fail. */
export interface LeftOut {
  /** "roots.pem, block 3". */
  readonly place: string;
  readonly refusal: Refusal;
}

export interface Loaded {
  readonly certificates: readonly Certificate[];
  readonly leftOut: readonly LeftOut[];
}

/** A file beside the certificate in question holds nothing that is read: that says nothing of the certificate. */
export class UnreadableHelp extends Error {
  readonly option: string;
  readonly file: string;
  readonly refusal: Refusal;

  constructor(option: string, file: string, refusal: Refusal) {
    super(refusal.message, { cause: refusal });
    this.option = option;
    this.file = file;
    this.refusal = refusal;
  }
}

/** Further certificates: those that break a rule are left out, unless none of a file is left. @throws UnreadableHelp */
export async function loadCertificates(
  option: '--roots' | '--intermediates',
  files: readonly string[],
  world: World,
): Promise<Loaded> {
  const load = async (file: string): Promise<Loaded> => {
    try {
      return await loadFile(file, world);
    } catch (error) {
      if (isRefusal(error)) throw new UnreadableHelp(option, file, error);
      throw error;
    }
  };
  return together(await Promise.all(files.map(load)));
}

async function loadFile(name: string, world: World): Promise<Loaded> {
  const loaded = readable(cryptoObjects(await readInput(name, world), name), name);
  const [first] = loaded.leftOut;
  if (loaded.certificates.length === 0 && first !== undefined) throw first.refusal;
  return loaded;
}

/** The certificate to verify, which must be readable, and those that came with it. */
export function chainOf(blocks: readonly PemBlock[], name: string): { leaf: Certificate; others: Loaded } {
  const [first, ...rest] = blocks;
  if (first === undefined) throw new TypeError('an input holds at least one object');
  return { leaf: parsed(first), others: readable(rest, name, 2) };
}

export function together(loaded: readonly Loaded[]): Loaded {
  return {
    certificates: loaded.flatMap(({ certificates }) => certificates),
    leftOut: loaded.flatMap(({ leftOut }) => leftOut),
  };
}

function parsed({ label, bytes }: PemBlock): Certificate {
  if (label !== 'CERTIFICATE') throw new Refusal('CS-PEM-002', { expected: 'CERTIFICATE', found: label });
  return parseCertificate(bytes);
}

function readable(blocks: readonly PemBlock[], name: string, from: number = 1): Loaded {
  const certificates: Certificate[] = [];
  const leftOut: LeftOut[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(parsed(block));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      leftOut.push({ place: `${name}, block ${index + from}`, refusal: error });
    }
  }
  return { certificates, leftOut };
}
