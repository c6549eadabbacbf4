/** A password as the octets that key derivations take. */

/** `null` is no password at all, which PKCS#12 tells from an empty one (RFC 7292, B.1: whether a terminator is there). */
export type Password = string | null;

/** For PBKDF2 and scrypt: UTF-8, not normalized (RFC 8018, 3; RFC 9579, 5). */
export function utf8Password(password: Password): Uint8Array {
  return new TextEncoder().encode(sound(password ?? ''));
}

/** For PKCS#12's own derivation: BMPString with two octets of zero at its end; beyond U+FFFF a pair of units, as OpenSSL writes it. */
export function bmpPassword(password: Password): Uint8Array {
  if (password === null) return new Uint8Array();
  const octets = new Uint8Array(2 * sound(password).length + 2);
  for (let at = 0; at < password.length; at++) {
    const unit = password.charCodeAt(at);
    octets[2 * at] = unit >> 8;
    octets[2 * at + 1] = unit & 0xff;
  }
  return octets;
}

/** Half a surrogate pair has no UTF-8, and HMAC cannot tell zeros at a key's end from none: either would let in another password. */
function sound(password: string): string {
  if (!password.isWellFormed() || password.includes('\0')) {
    throw new TypeError('a password is whole characters without U+0000');
  }
  return password;
}
