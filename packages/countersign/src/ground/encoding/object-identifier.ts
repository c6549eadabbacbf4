/** OBJECT IDENTIFIER contents (X.690, 8.19) to and from dotted text. */

/** Octets of one identifier; the longest in use (2.25 with a UUID) has 20. */
const mostOctets = 64;

/** Digits and octets of an arc that a number holds exactly; BigInt, for the few longer ones, costs many times as much. */
const numberDigits = 14;
const numberOctets = 6;

type Arc = number | bigint;

interface Decoded {
  readonly contents: Uint8Array;
  readonly text: string;
}

/** The same few identifiers come again and again. One place for each hash, the newest in it: bounded, whatever is sent. */
const remembered: (Decoded | undefined)[] = Array.from({ length: 1024 }, () => undefined);

/** The dotted text, or `undefined` where the contents are not in their shortest form. */
export function decodeObjectIdentifier(contents: Uint8Array): string | undefined {
  return objectIdentifierIn(contents, 0, contents.length);
}

/** The same for contents that lie in `bytes` from `start` to before `end`. */
export function objectIdentifierIn(bytes: Uint8Array, start: number, end: number): string | undefined {
  const place = placeOf(bytes, start, end);
  const known = remembered[place];
  if (known !== undefined && isSame(known.contents, bytes, start, end)) return known.text;
  // Copied, and not by slice(), which on a Buffer is a view: what they were read from may change, and would be kept alive.
  const contents = Uint8Array.from(bytes.subarray(start, end));
  const text = decode(contents);
  if (text !== undefined) remembered[place] = { contents, text };
  return text;
}

function placeOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (hash * 31 + (bytes[at] ?? 0)) & 0xfffffff;
  return hash % remembered.length;
}

function isSame(contents: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (contents.length !== end - start) return false;
  for (let at = 0; at < contents.length; at++) if (contents[at] !== bytes[start + at]) return false;
  return true;
}

function decode(contents: Uint8Array): string | undefined {
  if (contents.length === 0 || contents.length > mostOctets || (contents.at(-1) ?? 0) >= 0x80) return undefined;
  const arcs: Arc[] = [];
  let start = 0;
  for (let at = 0; at < contents.length; at++) {
    const octet = contents[at] ?? 0;
    if (at === start && octet === 0x80) return undefined;
    if (octet >= 0x80) continue;
    arcs.push(arcOf(contents.subarray(start, at + 1)));
    start = at + 1;
  }
  const [joined = 0, ...rest] = arcs;
  return [...separated(joined), ...rest].join('.');
}

function arcOf(octets: Uint8Array): Arc {
  if (octets.length > numberOctets) {
    return octets.reduce((arc, octet) => (arc << 7n) | BigInt(octet & 0x7f), 0n);
  }
  return octets.reduce((arc, octet) => arc * 128 + (octet & 0x7f), 0);
}

/** The first two arcs share one number: 40 times the first, which is 2 at the most, and the second (X.690, 8.19.4). */
function separated(joined: Arc): [Arc, Arc] {
  if (typeof joined === 'bigint') return [2, joined - 80n];
  const root = Math.min(2, Math.floor(joined / 40));
  return [root, joined - root * 40];
}

/** Contents by text, whole: what is written comes from few texts, and those of a stranger's file push none out for long. */
const written = new Map<string, Uint8Array>();
const mostWritten = 256;

/** The contents for a dotted text such as "2.5.29.17". Not to be changed: the next caller gets the same ones. */
export function encodeObjectIdentifier(text: string): Uint8Array {
  const known = written.get(text);
  if (known !== undefined) return known;
  const contents = encode(text);
  if (written.size >= mostWritten) written.clear();
  written.set(text, contents);
  return contents;
}

function encode(text: string): Uint8Array {
  if (!/^[012](\.(0|[1-9]\d*))+$/.test(text)) throw new TypeError(`${text} is no object identifier`);
  const [root = 0, second = 0, ...rest] = text.split('.').map(toArc);
  // "0.40" would be written as "1.0" is.
  if (root < 2 && second > 39) throw new TypeError(`${text} is no object identifier`);
  const joined = typeof second === 'bigint' ? second + 80n : Number(root) * 40 + second;
  return Uint8Array.from([joined, ...rest].flatMap(base128));
}

function toArc(digits: string): Arc {
  return digits.length > numberDigits ? BigInt(digits) : Number(digits);
}

function base128(arc: Arc): number[] {
  if (typeof arc === 'bigint') {
    const octets = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) octets.unshift(Number(left & 0x7fn) | 0x80);
    return octets;
  }
  const octets = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) octets.unshift((left % 128) | 0x80);
  return octets;
}
