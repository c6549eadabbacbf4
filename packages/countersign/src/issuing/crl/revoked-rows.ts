/** The storage port of the lists: what is revoked of one issuer, in columns, since a million objects would hold up whoever they are handed to. */

/** Whoever is given one may keep it. */
export interface RevokedRowsPage {
  /** Each serial number's octets, most significant first, after an octet that says how many. */
  readonly serials: Uint8Array;
  /** Milliseconds since 1970, as is `notAfter`. */
  readonly revokedAt: Float64Array;
  readonly notAfter: Float64Array;
  /** CRLReason, as its number (RFC 5280, 5.3.1). */
  readonly reasons: Uint8Array;
  /** Of the last row; absent where there is none. */
  readonly last?: RowsCursor | undefined;
  /** Whether more follows it. */
  readonly more: boolean;
}

/** What a page's columns lie in. */
export function columnsOf({ serials, revokedAt, notAfter, reasons }: RevokedRowsPage): readonly ArrayBufferView[] {
  return [serials, revokedAt, notAfter, reasons];
}

export interface RowsCursor {
  readonly number: number;
  /** Upper-case hexadecimal. */
  readonly serialNumber: string;
}

export interface RevokedRows {
  /** By serial number; of those that had not expired at `usefulSinceMs`. */
  all(issuerKey: string, usefulSinceMs: number, after: RowsCursor | undefined, limit: number): Promise<RevokedRowsPage>;
  /** What feed messages after the cursor's have brought, by their numbers. */
  since(issuerKey: string, after: RowsCursor, limit: number): Promise<RevokedRowsPage>;
  /** Which of them are on record no more: a hold may have ended. */
  released(issuerKey: string, serialNumbers: readonly string[]): Promise<readonly string[]>;
}
