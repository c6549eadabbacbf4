/** A list as it is handed out: small ones from memory, large ones read from their file, once for all who are sent it at the same time. */
import { LentFiles } from './lent-files.ts';

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

export class ListShelf {
  readonly #lists = new Map<string, PublishedList>();
  readonly #kept = new WeakMap<PublishedList, Uint8Array>();
  readonly #files = new LentFiles();

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
      const bytes = this.#kept.get(list) ?? (await this.#files.read(list.file, String(list.number)));
      // Its file may have been replaced while it was read: the octets are then another list's than the headers say.
      if (this.#lists.get(path) !== list) continue;
      if (bytes.length <= mostKeptOctets) this.#kept.set(list, bytes);
      return { list, bytes };
    }
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
