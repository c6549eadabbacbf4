/** Base64 and base64url (RFC 4648), strict in decoding: canonical padding, no other characters, no stray bits. */
import { fromBinaryText, toBinaryText } from './binary-text.ts';

// Looked for, not matched whole: over megabytes a repeated group would exhaust the regular expression's stack.
const notStandard = /[^A-Za-z0-9+/]/;
const notUrlSafe = /[^A-Za-z0-9_-]/;

export function toBase64(bytes: Uint8Array): string {
  return btoa(toBinaryText(bytes));
}

/** The bytes, or `undefined` where the text is not canonical base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (notStandard.test(text.slice(0, text.length - padding))) return undefined;
  const bytes = fromBinaryText(atob(text));
  return padding > 0 && hasStrayBits(bytes.subarray(padding - 3), text.slice(-4)) ? undefined : bytes;
}

/** Padding leaves bits of the last character unused; they must be zero (RFC 4648, 3.5), or two texts would be the same bytes. */
function hasStrayBits(lastBytes: Uint8Array, lastCharacters: string): boolean {
  return toBase64(lastBytes) !== lastCharacters;
}

/** Without padding, as JOSE writes it (RFC 7515, 2). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** In browsers and from Node 25 on, and several times faster; what it would let pass is looked at before. */
const native = (Uint8Array as { fromBase64?: (text: string, options: { alphabet: 'base64url' }) => Uint8Array })
  .fromBase64;

/** What a last character may be whose lowest four, or two, bits no octet uses (RFC 4648, 3.5). */
const lastOfTwo = /[AQgw]$/;
const lastOfThree = /[AEIMQUYcgkosw048]$/;

/** The bytes, or `undefined` where the text is not canonical base64url without padding. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const left = text.length % 4;
  if (left === 1 || notUrlSafe.test(text)) return undefined;
  if ((left === 2 && !lastOfTwo.test(text)) || (left === 3 && !lastOfThree.test(text))) return undefined;
  if (native !== undefined) return native(text, { alphabet: 'base64url' });
  return fromBase64(
    text
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .padEnd(Math.ceil(text.length / 4) * 4, '='),
  );
}
