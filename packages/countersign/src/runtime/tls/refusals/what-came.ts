/** What the other side sent first, where that is no handshake that goes on: named from its first octets, so that a log says what to look for. */

/** `http` has a code of its own, since it is by far the most frequent. */
export interface WhatCame {
  readonly kind: 'http' | 'another protocol' | 'TLS' | 'nothing' | 'not looked at';
  readonly name: string;
}

export const notLookedAt: WhatCame = { kind: 'not looked at', name: 'not looked at' };

/** So many octets tell all that is told here. */
export const mostLookedAt = 512;

const methods = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT) /;

/** By how they begin; those in which the client speaks first. */
const protocols: readonly (readonly [beginning: string, name: string])[] = [
  ['PROXY ', 'a PROXY line (version 1)'],
  // The signature of version 2 (the PROXY protocol's specification, 2.2).
  ['\r\n\r\n\0\r\nQUIT\n', 'a PROXY header (version 2)'],
  ['SSH-', 'SSH'],
  ['EHLO ', 'SMTP'],
  ['HELO ', 'SMTP'],
  // SSLRequest: its length, then the code 80877103.
  ['\0\0\0\u0008\u0004\u00d2\u0016\u002f', "PostgreSQL's request for TLS"],
  ['AMQP', 'AMQP'],
  // TPKT of RDP (RFC 1006, 6).
  ['\u0003\0\0', 'RDP'],
];

export function whatCame(octets: Uint8Array): WhatCame {
  if (octets.length === 0) return { kind: 'nothing', name: 'nothing' };
  const text = Buffer.from(octets.subarray(0, mostLookedAt)).toString('latin1');
  if (methods.test(text)) return { kind: 'http', name: 'HTTP/1' };
  if (text.startsWith('PRI * HTTP/2')) return { kind: 'http', name: 'HTTP/2 without TLS' };
  const known = protocols.find(([beginning]) => text.startsWith(beginning));
  if (known !== undefined) return { kind: 'another protocol', name: known[1] };
  const offered = offeredVersion(octets);
  if (offered !== undefined) return { kind: 'TLS', name: offered };
  // Records of TLS begin with their type and the version's first octet (RFC 8446, 5.1).
  const [type = 0, major] = octets;
  if (type >= 20 && type <= 23 && major === 3) return { kind: 'TLS', name: 'a record of TLS that opens no handshake' };
  // Nothing of it is text in a log: it may be anything, made for whoever reads that.
  const head = Buffer.from(octets.subarray(0, 4)).toString('hex');
  return { kind: 'another protocol', name: `octets that begin with 0x${head}` };
}

const handshakeRecord = 22;
const clientHello = 1;
const supportedVersions = 43;

const versions: ReadonlyMap<number, string> = new Map([
  [0x0300, 'SSL 3.0'],
  [0x0301, 'TLS 1.0'],
  [0x0302, 'TLS 1.1'],
  [0x0303, 'TLS 1.2'],
  [0x0304, 'TLS 1.3'],
]);

/** The highest version that a ClientHello offers, as far as the first octets hold it; `undefined` for what is none. */
export function offeredVersion(octets: Uint8Array): string | undefined {
  // A hello of SSL 2.0: a length with the highest bit set, then its type (RFC 6101, E.2).
  if (((octets[0] ?? 0) & 0x80) !== 0 && octets[2] === clientHello && octets.length >= 5)
    return `${versions.get(numberAt(octets, 3)) ?? 'SSL 2.0'} in a hello of SSL 2.0`;
  if (octets[0] !== handshakeRecord || octets[1] !== 3 || octets[5] !== clientHello || octets.length < 11)
    return undefined;
  // The extension speaks where it is there, and the field that it stands for does not (RFC 8446, 4.2.1).
  const offered = supportedIn(octets) ?? [numberAt(octets, 9)];
  const highest = Math.max(...offered.filter((version) => versions.has(version)));
  return versions.get(highest);
}

function supportedIn(octets: Uint8Array): readonly number[] | undefined {
  // Behind version and random: the lengths of session, suites and compression, each with what it counts (RFC 8446, 4.1.2).
  let at = 9 + 2 + 32;
  at += 1 + (octets[at] ?? 0);
  at += 2 + numberAt(octets, at);
  at += 1 + (octets[at] ?? 0);
  at += 2;
  while (at + 4 <= octets.length) {
    const [type, length] = [numberAt(octets, at), numberAt(octets, at + 2)];
    at += 4;
    if (type === supportedVersions) return pairsIn(octets.subarray(at + 1, at + length));
    at += length;
  }
  return undefined;
}

function pairsIn(octets: Uint8Array): readonly number[] {
  return Array.from({ length: octets.length >> 1 }, (_, place) => numberAt(octets, 2 * place));
}

function numberAt(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}
