/** What a server said in its handshake, out of the bytes that it sent: TLS 1.2 in the clear, TLS 1.3 with the handshake's secret. */
import { concatBytes, equalBytes } from '../../ground/encoding/index.ts';
import { tlsRecordOpener, type TlsRecordOpener } from '../../runtime/cryptography/index.ts';
import { WireReader } from './wire-reader.ts';

export interface HandshakeMessage {
  /** HandshakeType (RFC 8446, B.3). */
  readonly type: number;
  readonly body: Uint8Array;
}

export const handshakeTypes = {
  serverHello: 2,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  finished: 20,
  certificateStatus: 22,
} as const;

const contentTypes = { changeCipherSpec: 20, handshake: 22, applicationData: 23 } as const;

/** The random value of a HelloRetryRequest, which is a ServerHello by its type (RFC 8446, 4.1.3): SHA-256 of "HelloRetryRequest". */
const retryRandom = Uint8Array.from([
  0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
  0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
]);

const supportedVersions = 43;

/** The messages up to the server's Finished, as far as the bytes reach. */
export function handshakeMessages(received: Uint8Array, secret: Uint8Array | undefined): HandshakeMessage[] {
  const records = new WireReader(received);
  const messages: HandshakeMessage[] = [];
  let pending: Uint8Array = new Uint8Array();
  let opener: TlsRecordOpener | undefined;
  while (records.has(5) && messages.at(-1)?.type !== handshakeTypes.finished) {
    const header = records.take(5);
    const [type = 0] = header;
    const length = (header[3] ?? 0) * 256 + (header[4] ?? 0);
    if (!records.has(length)) break;
    const fragment = records.take(length);
    const isThirteen = isTls13(messages);
    if (type === contentTypes.changeCipherSpec) {
      // In TLS 1.2 all that follows is encrypted; in TLS 1.3 it means nothing (RFC 8446, D.4).
      if (!isThirteen) break;
      continue;
    }
    const sealed = type === contentTypes.applicationData && isThirteen;
    if (sealed) opener ??= secret === undefined ? undefined : tlsRecordOpener(cipherOf(messages), secret);
    const contents = sealed ? handshakeContents(opener?.open(header, fragment)) : fragment;
    if (contents === undefined || (!sealed && type !== contentTypes.handshake)) break;
    pending = takeMessages(concatBytes([pending, contents]), messages);
  }
  return messages;
}

/** Without its padding and its type (RFC 8446, 5.2), where that is a handshake's. */
function handshakeContents(opened: Uint8Array | undefined): Uint8Array | undefined {
  if (opened === undefined) return undefined;
  const end = opened.findLastIndex((octet) => octet !== 0);
  return opened[end] === contentTypes.handshake ? opened.subarray(0, end) : undefined;
}

/** @returns what is left of a message that goes on in the next record */
function takeMessages(bytes: Uint8Array, messages: HandshakeMessage[]): Uint8Array {
  let rest = bytes;
  while (rest.length >= 4) {
    const length = new WireReader(rest.subarray(1)).number(3);
    if (rest.length < 4 + length) break;
    messages.push({ type: rest[0] ?? 0, body: rest.subarray(4, 4 + length) });
    rest = rest.subarray(4 + length);
  }
  return rest;
}

export interface ServerHello {
  readonly version: number;
  readonly cipher: number;
  readonly extensions: ReadonlyMap<number, Uint8Array>;
}

/** The last one: after a HelloRetryRequest a second one follows. */
export function serverHelloOf(messages: readonly HandshakeMessage[]): ServerHello | undefined {
  const hello = messages.findLast(({ type, body }) => type === handshakeTypes.serverHello && !isRetry(body));
  if (hello === undefined) return undefined;
  const fields = new WireReader(hello.body);
  const legacyVersion = fields.number(2);
  fields.take(32);
  fields.octets(1);
  const cipher = fields.number(2);
  fields.take(1);
  const extensions = readExtensions(fields);
  const selected = extensions.get(supportedVersions);
  return { version: selected === undefined ? legacyVersion : new WireReader(selected).number(2), cipher, extensions };
}

export function readExtensions(fields: WireReader): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const list = fields.done ? fields : fields.vector(2);
  while (!list.done) found.set(list.number(2), list.octets(2));
  return found;
}

function isRetry(body: Uint8Array): boolean {
  return equalBytes(body.subarray(2, 34), retryRandom);
}

export const tls13 = 0x0304;

function isTls13(messages: readonly HandshakeMessage[]): boolean {
  return serverHelloOf(messages)?.version === tls13 || messages.some(({ body }) => isRetry(body));
}

function cipherOf(messages: readonly HandshakeMessage[]): number {
  return serverHelloOf(messages)?.cipher ?? 0;
}
