/** Certificates, revocation lists and OCSP responses of files for path validation. */
import type { PemBlock } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import {
  type Certificate,
  type CertificateList,
  parseCertificate,
  parseCertificateList,
  type OcspResponse,
  parseOcspResponse,
} from '../../identity/x509/index.ts';
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

export interface LoadedLists {
  readonly lists: readonly CertificateList[];
  readonly leftOut: readonly LeftOut[];
}

/** A million entries weigh about 50 MB; in PEM the reader's own limit is lower. */
const mostListBytes = 128 * 1024 * 1024;

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
  const loaded = await loadFiles(option, files, async (name) =>
    readable(cryptoObjects(await readInput(name, world), name), name, 1, parsed),
  );
  return { certificates: loaded.objects, leftOut: loaded.leftOut };
}

/** Revocation lists, by the same rule. @param read what a file or an address gives, of no more than so many octets @throws UnreadableHelp */
export async function loadLists(
  option: '--crl',
  sources: readonly string[],
  read: (name: string, mostBytes: number) => Promise<Uint8Array>,
): Promise<LoadedLists> {
  const loaded = await loadFiles(option, sources, async (name) =>
    readable(cryptoObjects(await read(name, mostListBytes), name), name, 1, parsedList),
  );
  return { lists: loaded.objects, leftOut: loaded.leftOut };
}

/** OCSP responses, DER, one a file. @throws UnreadableHelp */
export async function loadResponses(
  option: '--ocsp',
  files: readonly string[],
  world: World,
): Promise<readonly OcspResponse[]> {
  const loaded = await loadFiles(option, files, async (name) => ({
    objects: [parseOcspResponse(await readInput(name, world))],
    leftOut: [],
  }));
  return loaded.objects;
}

interface LoadedObjects<T> {
  readonly objects: readonly T[];
  readonly leftOut: readonly LeftOut[];
}

async function loadFiles<T>(
  option: string,
  files: readonly string[],
  load: (name: string) => Promise<LoadedObjects<T>>,
): Promise<LoadedObjects<T>> {
  const loaded = await Promise.all(
    files.map(async (file) => {
      try {
        const one = await load(file);
        const [first] = one.leftOut;
        if (one.objects.length === 0 && first !== undefined) throw first.refusal;
        return one;
      } catch (error) {
        if (isRefusal(error)) throw new UnreadableHelp(option, file, error);
        throw error;
      }
    }),
  );
  return { objects: loaded.flatMap(({ objects }) => objects), leftOut: loaded.flatMap(({ leftOut }) => leftOut) };
}

/** The certificate to verify, which must be readable, and those that came with it. */
export function chainOf(blocks: readonly PemBlock[], name: string): { leaf: Certificate; others: Loaded } {
  const [first, ...rest] = blocks;
  if (first === undefined) throw new TypeError('an input holds at least one object');
  const { objects, leftOut } = readable(rest, name, 2, parsed);
  return { leaf: parsed(first), others: { certificates: objects, leftOut } };
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

function parsedList({ label, bytes }: PemBlock): CertificateList {
  if (label !== 'X509 CRL') throw new Refusal('CS-PEM-002', { expected: 'X509 CRL', found: label });
  return parseCertificateList(bytes, mostListBytes);
}

function readable<T>(
  blocks: readonly PemBlock[],
  name: string,
  from: number,
  parse: (block: PemBlock) => T,
): LoadedObjects<T> {
  const objects: T[] = [];
  const leftOut: LeftOut[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      objects.push(parse(block));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      leftOut.push({ place: `${name}, block ${index + from}`, refusal: error });
    }
  }
  return { objects, leftOut };
}
