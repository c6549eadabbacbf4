/** OBJECT IDENTIFIER contents (X.690, 8.19) to and from dotted text. */

/** Octets of one identifier; the longest in use (2.25 with a UUID) has 20. */
const mostOctets = 64;

/** The dotted text, or `undefined` where the contents are not in their shortest form. */
export function decodeObjectIdentifier(contents: Uint8Array): string | undefined {
  if (contents.length === 0 || contents.length > mostOctets || (contents.at(-1) ?? 0) >= 0x80) return undefined;
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const octet of contents) {
    if (fresh && octet === 0x80) return undefined;
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    fresh = octet < 0x80;
    if (fresh) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const [joined = 0n, ...rest] = arcs;
  const root = joined < 80n ? joined / 40n : 2n;
  return [root, joined - root * 40n, ...rest].join('.');
}

/** The contents for a dotted text such as "2.5.29.17". */
export function encodeObjectIdentifier(text: string): Uint8Array {
  if (!/^[012](\.(0|[1-9]\d*))+$/.test(text)) throw new TypeError(`${text} is no object identifier`);
  const [root = 0n, second = 0n, ...rest] = text.split('.').map(BigInt);
  // The first two arcs share one number (X.690, 8.19.4), so "0.40" would be written as "1.0".
  if (root < 2n && second > 39n) throw new TypeError(`${text} is no object identifier`);
  return Uint8Array.from([root * 40n + second, ...rest].flatMap(base128));
}

function base128(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let left = arc >> 7n; left > 0n; left >>= 7n) octets.unshift(Number(left & 0x7fn) | 0x80);
  return octets;
}
