/** Files that are read once for all who want them, and are in memory for as long as somebody holds what was read: a slow reader costs no copy. */
import { readFile } from 'node:fs/promises';

interface Held {
  /** Of what the file holds: another with each content. */
  readonly mark: string;
  reading: Promise<Uint8Array> | undefined;
  lent: { readonly memory: WeakRef<ArrayBufferLike>; readonly from: number; readonly octets: number } | undefined;
}

export class LentFiles {
  readonly #held = new Map<string, Held>();

  async read(file: string, mark: string): Promise<Uint8Array> {
    const before = this.#held.get(file);
    const held = before?.mark === mark ? before : { mark, reading: undefined, lent: undefined };
    this.#held.set(file, held);
    return lentOf(held) ?? (await (held.reading ??= read(file, held)));
  }
}

async function read(file: string, held: Held): Promise<Uint8Array> {
  try {
    const bytes = await readFile(file);
    held.lent = { memory: new WeakRef(bytes.buffer), from: bytes.byteOffset, octets: bytes.length };
    return bytes;
  } finally {
    held.reading = undefined;
  }
}

function lentOf({ lent }: Held): Uint8Array | undefined {
  const memory = lent?.memory.deref();
  return lent === undefined || memory === undefined ? undefined : new Uint8Array(memory, lent.from, lent.octets);
}
