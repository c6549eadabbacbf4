/** Base64 and base64url (RFC 4648), strict in decoding: canonical padding, no other characters, no stray bits. */

const standard = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const urlSafe = /^[A-Za-z0-9_-]*$/;

/** `btoa` takes one string; larger pieces than this would overflow the stack when spread. */
const chunkBytes = 8192;

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    binary += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  }
  return btoa(binary);
}

/** The bytes, or `undefined` where the text is not canonical base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!standard.test(text)) return undefined;
  const binary = atob(text);
  const bytes = Uint8Array.from({ length: binary.length }, (_, index) => binary.charCodeAt(index));
  return toBase64(bytes) === text ? bytes : undefined;
}

/** Without padding, as JOSE writes it (RFC 7515, 2). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The bytes, or `undefined` where the text is not canonical base64url without padding. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!urlSafe.test(text) || text.length % 4 === 1) return undefined;
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/').padEnd(Math.ceil(text.length / 4) * 4, '='));
}
