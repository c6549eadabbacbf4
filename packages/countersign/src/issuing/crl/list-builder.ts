/** What the thread of the lists does: keeps the entries, makes lists of them in pieces, writes those that were signed. */
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, unlinkSync, writevSync } from 'node:fs';
import { join } from 'node:path';

import type { SignatureAlgorithm } from '../../identity/x509/index.ts';
import type { ListToBeSigned } from '../authority/index.ts';
import { earlierHolds } from './earlier-holds.ts';
import { EntryStore } from './entry-store.ts';
import { encodeListPieces, lengthOf, type ListIssuer, signedPieces } from './list-encoding.ts';
import { covers, deltaName, type ListScope, scopeName } from './list-scope.ts';
import type { RevokedRowsPage } from './revoked-rows.ts';

export interface BuilderData {
  readonly issuer: ListIssuer;
  /** Of the files; made where it is missing. */
  readonly folder: string;
}

export interface ListOrder {
  readonly scopes: readonly ListScope[];
  /** Which of the two kinds; a delta goes with each complete list. */
  readonly kinds: 'both' | 'deltas';
  readonly number: bigint;
  readonly base: bigint;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly deltaNextUpdateMs: number;
  /** Where the files are for everybody; without one lists do not say where they or their deltas are. */
  readonly url: string | undefined;
}

export interface PreparedList {
  /** Of the address and of the file, without `.crl`. */
  readonly name: string;
  readonly toBeSigned: ListToBeSigned;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

export interface WrittenList {
  readonly name: string;
  readonly file: string;
  readonly octets: number;
}

export interface SignedList {
  readonly name: string;
  readonly toBeSigned: ListToBeSigned;
  readonly signature: Uint8Array;
}

/** As many as the system takes in one call (IOV_MAX on Linux is 1024). */
const mostPieces = 512;

export class ListBuilder {
  readonly #issuer: ListIssuer;
  readonly #folder: string;
  readonly #store = new EntryStore();
  #touched = new Set<number>();

  constructor({ issuer, folder }: BuilderData) {
    this.#issuer = issuer;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) unlinkSync(join(folder, name));
  }

  /** @param changes whether these came after the last edition */
  add(page: RevokedRowsPage, changes: boolean): void {
    this.#touch(this.#store.add(page, changes));
  }

  held(): readonly string[] {
    return this.#store.held;
  }

  release(serialNumbers: readonly string[], atMs: number): void {
    this.#touch(this.#store.release(serialNumbers, atMs));
  }

  /** What the lists of the run before have told to be held, where they can be read. */
  earlierHolds(): readonly string[] | undefined {
    return earlierHolds(this.#folder);
  }

  /** After a restart: what delta lists go on to tell. */
  recall(page: RevokedRowsPage): void {
    this.#store.recall(page);
  }

  recallReleased(serialNumbers: readonly string[], atMs: number): void {
    this.#store.recallReleased(serialNumbers, atMs);
  }

  /**
   * For an edition; done twice it changes nothing more.
   * @param beforeMs when the edition before was issued
   * @param base the number of the one that its delta lists start from
   */
  readyEdition(beforeMs: number | undefined, base: bigint): void {
    this.#store.forgetOlderChanges(base);
    if (beforeMs !== undefined) this.#store.dropExpired(beforeMs);
    this.#touched = new Set();
  }

  beginEdition(number: bigint): void {
    this.#store.beginEdition(number);
  }

  /** Those of the scopes whose entries have changed since this was asked last. */
  touched(scopes: readonly ListScope[]): readonly ListScope[] {
    const segments = [...this.#touched];
    this.#touched = new Set();
    return scopes.filter((scope) => segments.some((segment) => covers(scope, segment)));
  }

  /** The delta first: killed in between, what it tells of a hold that has ended is found again (`earlierHolds`). */
  prepare(order: ListOrder): readonly PreparedList[] {
    return order.scopes.flatMap((scope) => [
      this.#delta(scope, order),
      ...(order.kinds === 'both' ? [this.#complete(scope, order)] : []),
    ]);
  }

  write(lists: readonly SignedList[]): readonly WrittenList[] {
    return lists.map(({ name, toBeSigned, signature }) => {
      const pieces = signedPieces(toBeSigned, this.#algorithm, signature);
      const file = join(this.#folder, `${name}.crl`);
      writeWhole(file, pieces);
      return { name, file, octets: lengthOf(pieces) };
    });
  }

  /** DER of its entry. */
  find(serialNumber: Uint8Array): Uint8Array | undefined {
    return this.#store.find(serialNumber);
  }

  count(): number {
    return this.#store.count;
  }

  get #algorithm(): SignatureAlgorithm {
    return this.#issuer.signatureAlgorithm;
  }

  #touch(segments: ReadonlySet<number>): void {
    for (const segment of segments) this.#touched.add(segment);
  }

  #complete(scope: ListScope, order: ListOrder): PreparedList {
    const { number, thisUpdateMs, nextUpdateMs, url } = order;
    const fields = {
      ...{ number, thisUpdateMs, nextUpdateMs, entries: this.#store.entries(scope), point: pointOf(scope, url) },
      freshest: url === undefined ? undefined : `${url}/${deltaName(scope)}.crl`,
    };
    return { name: scopeName(scope), ...this.#pieces(fields) };
  }

  /** Of the same scope, so with the same issuingDistributionPoint (5.2.4 (b)). */
  #delta(scope: ListScope, order: ListOrder): PreparedList {
    const { number, base, thisUpdateMs, deltaNextUpdateMs: nextUpdateMs, url } = order;
    const entries = [this.#store.changes(scope)];
    const fields = { number, base, thisUpdateMs, nextUpdateMs, entries, point: pointOf(scope, url) };
    return { name: deltaName(scope), ...this.#pieces(fields) };
  }

  #pieces(fields: Parameters<typeof encodeListPieces>[1]): Omit<PreparedList, 'name'> {
    const { thisUpdateMs, nextUpdateMs } = fields;
    return { toBeSigned: encodeListPieces(this.#issuer, fields), thisUpdateMs, nextUpdateMs };
  }
}

/** As `listAddress` of the authority gives it to certificates, to the letter. */
function pointOf(scope: ListScope, url: string | undefined): string | undefined {
  return scope.isShard && url !== undefined ? `${url}/${scopeName(scope)}.crl` : undefined;
}

/** Replaced whole by one rename. Not synced: after a loss of power every list is made anew before any is handed out. */
function writeWhole(file: string, pieces: readonly Uint8Array[]): void {
  const temporary = `${file}.tmp`;
  const descriptor = openSync(temporary, 'w', 0o644);
  try {
    for (let from = 0; from < pieces.length; from += mostPieces)
      writeAll(descriptor, pieces.slice(from, from + mostPieces));
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}

/** The system may take a part of it. */
function writeAll(descriptor: number, pieces: readonly Uint8Array[]): void {
  let left = pieces.filter(({ length }) => length > 0);
  while (left.length > 0) {
    let taken = writevSync(descriptor, left);
    const rest: Uint8Array[] = [];
    for (const piece of left) {
      const here = Math.min(taken, piece.length);
      taken -= here;
      if (here < piece.length) rest.push(piece.subarray(here));
    }
    left = rest;
  }
}
