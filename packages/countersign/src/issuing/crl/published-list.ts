/** A list as it is handed out: small ones from memory, large ones read from their file, once for all who are sent it at the same time. */
import { readFile } from 'node:fs/promises';

export interface PublishedList {
  /** Below `/crl/`. */
  readonly path: string;
  readonly file: string;
  readonly octets: number;
  readonly number: bigint;
  /** Milliseconds since 1970. */
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

/** 256 KiB: some 6,000 entries. Own choice; with 256 shards and their deltas that is 128 MiB at the very most. */
const mostKeptOctets = 256 * 1024;

/** A minute: what is revoked is at the origin within a second, and with caches in front a minute later. Asking again costs a 304. Own choice. */
const mostAgeSeconds = 60;

/** What of a large list is in memory for as long as somebody is being sent it. */
interface Lent {
  readonly memory: WeakRef<ArrayBufferLike>;
  readonly from: number;
  readonly octets: number;
}

export class ListShelf {
  readonly #lists = new Map<string, PublishedList>();
  readonly #kept = new WeakMap<PublishedList, Uint8Array>();
  /** Who reads slowly, or not at all, costs a connection and no list of their own. */
  readonly #lent = new WeakMap<PublishedList, Lent>();
  readonly #reading = new Map<PublishedList, Promise<Uint8Array>>();

  put(lists: readonly PublishedList[]): void {
    for (const list of lists) this.#lists.set(list.path, list);
  }

  list(path: string): PublishedList | undefined {
    return this.#lists.get(path);
  }

  get all(): readonly PublishedList[] {
    return [...this.#lists.values()];
  }

  /** The list as it is now, and its octets; `undefined` where there is none at the path. */
  async read(path: string): Promise<{ readonly list: PublishedList; readonly bytes: Uint8Array } | undefined> {
    for (;;) {
      const list = this.#lists.get(path);
      if (list === undefined) return undefined;
      const bytes = this.#kept.get(list) ?? this.#lentOf(list) ?? (await this.#readFile(list));
      // Its file may have been replaced while it was read: the octets are then another list's than the headers say.
      if (this.#lists.get(path) !== list) continue;
      if (bytes.length <= mostKeptOctets) this.#kept.set(list, bytes);
      else this.#lent.set(list, { memory: new WeakRef(bytes.buffer), from: bytes.byteOffset, octets: bytes.length });
      return { list, bytes };
    }
  }

  #lentOf(list: PublishedList): Uint8Array | undefined {
    const lent = this.#lent.get(list);
    const memory = lent?.memory.deref();
    return lent === undefined || memory === undefined ? undefined : new Uint8Array(memory, lent.from, lent.octets);
  }

  #readFile(list: PublishedList): Promise<Uint8Array> {
    const reading = this.#reading.get(list) ?? readFile(list.file).finally(() => this.#reading.delete(list));
    this.#reading.set(list, reading);
    return reading;
  }
}

/** For HTTP (RFC 9110, 9111). The number is another with each list of a path, so it is a strong validator. */
export function listHeaders(list: PublishedList, nowMs: number): Readonly<Record<string, string>> {
  const seconds = Math.floor((list.nextUpdateMs - nowMs) / 1000);
  return {
    etag: `"${list.number.toString(16)}"`,
    'last-modified': new Date(list.thisUpdateMs).toUTCString(),
    expires: new Date(list.nextUpdateMs).toUTCString(),
    'cache-control': `public, max-age=${String(Math.max(0, Math.min(mostAgeSeconds, seconds)))}`,
  };
}
