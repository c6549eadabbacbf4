/** Entries of lists written into place (RFC 5280, 5.1.2.6): a million of them leave no time for an object each. */
import { encodeSequence, encodeTime, fromHex, tags } from '../../ground/encoding/index.ts';
import { entryExtensions, type RevocationReason } from '../../identity/x509/index.ts';

/** By their numbers; 7 is not used. */
const reasons: readonly (RevocationReason | undefined)[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
];

export const holdReason = 6;
export const removeReason = 8;

/** `unspecified` is said by leaving it out (5.3.1). */
const extensions: readonly Uint8Array[] = reasons.map((reason) =>
  reason === undefined || reason === 'unspecified' ? new Uint8Array() : encodeSequence(...entryExtensions({ reason })),
);

/** A serial number has 20 octets at most (4.1.2.2), a time 17; the extension of a reason 14. */
export const mostEntryOctets: number = 2 + 2 + 21 + 17 + 14;

const dayMs = 86_400_000;

/** The day of the time before, written, and where in it the hours begin: most are of a few days. */
let day: { readonly number: number; readonly element: Uint8Array; readonly hours: number } | undefined;

export interface EntryFields {
  /** Where the octets of the serial number are. */
  readonly serials: Uint8Array;
  readonly from: number;
  readonly octets: number;
  readonly revokedAtMs: number;
  /** CRLReason's number. */
  readonly reason: number;
}

/** One entry, DER: for a list that is made now and then. @param serialNumber hexadecimal */
export function encodeEntry(serialNumber: string, revokedAtMs: number, reason: RevocationReason): Uint8Array {
  const serials = fromHex(serialNumber);
  if (serials === undefined) throw new TypeError('a serial number in hexadecimal');
  const octets = new Uint8Array(mostEntryOctets);
  const entry = { serials, from: 0, octets: serials.length, revokedAtMs, reason: reasons.indexOf(reason) };
  return octets.slice(0, writeEntry(octets, 0, entry));
}

/** Writes one at `at`, where there is room for `mostEntryOctets`; answers where it ends. */
export function writeEntry(target: Uint8Array, at: number, entry: EntryFields): number {
  let { from, octets } = entry;
  const { serials } = entry;
  while (octets > 1 && serials[from] === 0) {
    from++;
    octets--;
  }
  // An octet of zeros, where the first bit would read as a sign (X.690, 8.3).
  const sign = (serials[from] ?? 0) >= 0x80 ? 1 : 0;
  target[at] = tags.sequence;
  target[at + 2] = tags.integer;
  target[at + 3] = octets + sign;
  let end = at + 4;
  if (sign === 1) target[end++] = 0;
  for (let index = 0; index < octets; index++) target[end + index] = serials[from + index] ?? 0;
  end = writeTime(target, end + octets, entry.revokedAtMs);
  const extension = extensions[entry.reason];
  if (extension === undefined || reasons[entry.reason] === undefined) throw new TypeError('a reason that there is not');
  for (let index = 0; index < extension.length; index++) target[end + index] = extension[index] ?? 0;
  end += extension.length;
  target[at + 1] = end - at - 2;
  return end;
}

function writeTime(target: Uint8Array, at: number, ms: number): number {
  const number = Math.floor(ms / dayMs);
  if (day?.number !== number) {
    const element = encodeTime(number * dayMs);
    day = { number, element, hours: element.length - 7 };
  }
  const { element, hours } = day;
  for (let index = 0; index < hours; index++) target[at + index] = element[index] ?? 0;
  const seconds = Math.floor((ms - number * dayMs) / 1000);
  writePair(target, at + hours, Math.floor(seconds / 3600));
  writePair(target, at + hours + 2, Math.floor(seconds / 60) % 60);
  writePair(target, at + hours + 4, seconds % 60);
  target[at + hours + 6] = 0x5a;
  return at + element.length;
}

function writePair(target: Uint8Array, at: number, number: number): void {
  const tens = Math.floor(number / 10);
  target[at] = 0x30 + tens;
  target[at + 1] = 0x30 + number - 10 * tens;
}
