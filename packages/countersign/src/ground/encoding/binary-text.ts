/** Bytes as text of one character an octet, and back. */

/** A call takes its arguments on the stack, which a whole file's bytes would overflow; this many never do. */
const mostArguments = 4096;

export function toBinaryText(bytes: Uint8Array): string {
  if (bytes.length <= mostArguments) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = '';
  for (let at = 0; at < bytes.length; at += mostArguments) {
    text += String.fromCharCode(...bytes.subarray(at, at + mostArguments));
  }
  return text;
}

/** @param text characters up to U+00FF alone */
export function fromBinaryText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
