/** The fields of the one request in HPACK, and the status of an answer (RFC 7541): without a dynamic table, which our settings forbid. */

/** Places in the static table (RFC 7541, appendix A). */
const staticTable = { authority: 1, path: 4, contentLength: 28, contentType: 31 } as const;
const indexed = { get: 0x82, post: 0x83, http: 0x86, https: 0x87 } as const;

/** Index 8 to 14 are `:status` with these values. */
const statuses: readonly number[] = [200, 204, 206, 304, 400, 404, 500];
const firstStatus = 8;

export interface FieldsToSend {
  readonly secure: boolean;
  readonly authority: string;
  readonly path: string;
  readonly bodyBytes: number;
}

export function requestFields({ secure, authority, path, bodyBytes }: FieldsToSend): Buffer {
  const posts = bodyBytes > 0;
  return Buffer.concat([
    Buffer.of(posts ? indexed.post : indexed.get, secure ? indexed.https : indexed.http),
    literal(staticTable.authority, authority),
    literal(staticTable.path, path),
    ...(posts
      ? [
          literal(staticTable.contentType, 'application/octet-stream'),
          literal(staticTable.contentLength, `${bodyBytes}`),
        ]
      : []),
  ]);
}

/** Without indexing (RFC 7541, 6.2.2), the value as it is. */
function literal(name: number, value: string): Buffer {
  const text = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(name, 4), integer(text.length, 7), text]);
}

/** An integer behind a prefix of so many bits (RFC 7541, 5.1), the bits before it 0. */
function integer(value: number, bits: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.of(value);
  const octets = [most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push(128 + (rest % 128));
  return Buffer.from([...octets, rest]);
}

/** `:status` comes first, being a pseudo-field (RFC 9113, 8.3); 0 where the block does not begin with one. */
export function statusOf(block: Buffer): number {
  let at = 0;
  // Changes of the table's size (RFC 7541, 6.3), which our settings make the server begin with.
  while (((block[at] ?? 0) & 0xe0) === 0x20) at = afterInteger(block, at, 5);
  const first = block[at] ?? 0;
  if ((first & 0x80) !== 0) return statuses[(first & 0x7f) - firstStatus] ?? 0;
  const name = (first & 0x40) === 0 ? first & 0x0f : first & 0x3f;
  if (name < firstStatus || name >= firstStatus + statuses.length) return 0;
  const length = block[at + 1] ?? 0;
  const value = block.subarray(at + 2, at + 2 + (length & 0x7f));
  return Number((length & 0x80) === 0 ? value.toString('latin1') : digitsIn(value));
}

function afterInteger(block: Buffer, at: number, bits: number): number {
  const most = 2 ** bits - 1;
  if (((block[at] ?? 0) & most) < most) return at + 1;
  let next = at + 1;
  while (((block[next] ?? 0) & 0x80) !== 0) next += 1;
  return next + 1;
}

/** Three digits in the Huffman code (RFC 7541, appendix B): 0 to 2 have five bits, 3 to 9 six. */
function digitsIn(value: Buffer): string {
  const bits = [...value].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  let [text, at] = ['', 0];
  while (text.length < 3 && at < bits.length) {
    const five = Number.parseInt(bits.slice(at, at + 5), 2);
    const short = five <= 2;
    text += String(short ? five : Number.parseInt(bits.slice(at, at + 6), 2) - 0b011001 + 3);
    at += short ? 5 : 6;
  }
  return text;
}
