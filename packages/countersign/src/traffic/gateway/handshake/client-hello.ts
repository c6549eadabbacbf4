/**
 * The server name that a ClientHello asks for (RFC 6066, 3), read before OpenSSL has it, as it comes in pieces. Strict: what is not plainly one name
 * is refused, since the policy of the handshake is chosen by it.
 */
import { canonicalDnsName } from '../../../identity/authorization/index.ts';

export type ReadHello =
  /** At least so many octets in all are needed: until they are there, another look finds nothing new. */
  | { readonly state: 'incomplete'; readonly needed: number }
  /** `undefined`: it names none. */
  | { readonly state: 'read'; readonly serverName: string | undefined }
  | { readonly state: 'unusable'; readonly reason: string };

/** Octets of a ClientHello. Those with keys of post-quantum algorithms have about 2,000; own choice. */
const mostHelloOctets = 16_384;

/** The same with the heads of the records that it may be spread over: one of an octet each would be 6 for 1; own choice. */
export const mostOpeningOctets: number = mostHelloOctets + 4_096;

const handshakeRecord = 22;
const clientHello = 1;
const serverNameExtension = 0;
const hostNameType = 0;

/** @param octets all that came so far */
export function readClientHello(octets: Uint8Array): ReadHello {
  try {
    const hello = helloIn(octets);
    if (typeof hello !== 'number') return { state: 'read', serverName: serverNameIn(hello) };
    return octets.length < mostOpeningOctets ? { state: 'incomplete', needed: hello } : tooLarge();
  } catch (error) {
    if (error instanceof Unusable) return { state: 'unusable', reason: error.message };
    throw error;
  }
}

class Unusable extends Error {}

function tooLarge(): ReadHello {
  return { state: 'unusable', reason: `a ClientHello of more than ${mostHelloOctets} octets` };
}

/** The body of the message, put together from its records (RFC 8446, 5.1); where it is not all there, how many octets are needed. */
function helloIn(octets: Uint8Array): Uint8Array | number {
  const fragments: Uint8Array[] = [];
  const head: number[] = [];
  let found = 0;
  for (let at = 0; at < octets.length;) {
    if (octets[at] !== handshakeRecord) throw new Unusable('no handshake of TLS');
    if (at + 1 < octets.length && octets[at + 1] !== 3) throw new Unusable('no handshake of TLS');
    if (at + 5 > octets.length) return at + 5;
    const length = pairAt(octets, at + 3);
    // An empty one, or one beyond 2^14, is none (RFC 8446, 5.1).
    if (length === 0 || length > 16_384) throw new Unusable('a record of a length that none has');
    const fragment = octets.subarray(at + 5, at + 5 + length);
    fragments.push(fragment);
    found += fragment.length;
    head.push(...fragment.subarray(0, 4 - head.length));
    const [type = clientHello, ...sizes] = head;
    if (type !== clientHello) throw new Unusable('a handshake that begins otherwise');
    const size = sizes.length < 3 ? undefined : sizes.reduce((sum, octet) => sum * 256 + octet, 0);
    if (size !== undefined && size > mostHelloOctets)
      throw new Unusable(`a ClientHello of more than ${mostHelloOctets} octets`);
    if (size !== undefined && found >= size + 4) return Buffer.concat(fragments).subarray(4, size + 4);
    at += 5 + length;
    if (at > octets.length) return at;
  }
  return octets.length + 6;
}

/** Takes what is said to be there, and refuses where it is not. */
class Reader {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  get atEnd(): boolean {
    return this.#at === this.#octets.length;
  }

  take(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#octets.length) throw new Unusable('a ClientHello whose lengths do not add up');
    const taken = this.#octets.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** A vector with its length before it, of so many octets (RFC 8446, 3.4). */
  vector(lengthOctets: 1 | 2): Uint8Array {
    const length = this.take(lengthOctets);
    return this.take(lengthOctets === 1 ? (length[0] ?? 0) : pairAt(length, 0));
  }
}

/** RFC 8446, 4.1.2. */
function serverNameIn(hello: Uint8Array): string | undefined {
  const reader = new Reader(hello);
  // Version and random; then session, suites, compression.
  reader.take(2 + 32);
  reader.vector(1);
  reader.vector(2);
  reader.vector(1);
  if (reader.atEnd) return undefined;
  const extensions = new Reader(reader.vector(2));
  if (!reader.atEnd) throw new Unusable('octets behind the extensions');
  let found: Uint8Array | undefined;
  while (!extensions.atEnd) {
    const type = pairAt(extensions.take(2), 0);
    const content = extensions.vector(2);
    if (type !== serverNameExtension) continue;
    if (found !== undefined) throw new Unusable('two lists of server names');
    found = content;
  }
  return found && nameIn(found);
}

function nameIn(extension: Uint8Array): string {
  const outer = new Reader(extension);
  const list = new Reader(outer.vector(2));
  const [type] = list.take(1);
  const name = list.vector(2);
  // No other type was ever made, and none may come twice (RFC 6066, 3).
  if (type !== hostNameType || !list.atEnd || !outer.atEnd) throw new Unusable('other than one server name');
  const text = Buffer.from(name).toString('latin1');
  const canonical = canonicalDnsName(text.endsWith('.') ? text.slice(0, -1) : text);
  if (canonical === undefined) throw new Unusable('a server name that is no DNS name');
  return canonical;
}

function pairAt(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}
