/** Clients that ask for much and take next to nothing of it, in each protocol; and what is written for them, counted. */
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import type { Protocol } from './endpoints.ts';
import { exactly, presented, type TlsVersion } from './presented.ts';

export interface Endless {
  /** For `Wanted.answer`. */
  readonly answer: (out: Writable) => boolean;
  /** Bytes that were written, of each that was begun. */
  readonly written: readonly number[];
  /** How many of them have ended since, none of its own accord. */
  readonly ended: () => number;
}

/** Answers without an end for the first `most`, as fast as they are taken and no faster; the usual ones for whoever comes later. */
export function endless(most: number): Endless {
  const written: number[] = [];
  let ended = 0;
  const piece = Buffer.alloc(16 * 1024);
  const answer = (out: Writable): boolean => {
    if (written.length >= most) return false;
    const own = written.push(0) - 1;
    const pump = (): void => {
      do written[own] = (written[own] ?? 0) + piece.length;
      while (out.write(piece));
    };
    out.on('error', () => undefined).on('drain', pump);
    out.once('close', () => (ended += 1));
    pump();
    return true;
  };
  return { answer, written, ended: () => ended };
}

export interface Asking {
  readonly authority: TestAuthority;
  readonly port: number;
  readonly protocol: Protocol;
  readonly version: TlsVersion;
}

/** A window of 2 GiB for each stream and for all of them, a request, and no end. */
const wideOpen = ['00000604000000000000047fffffff', '00000408000000000' + '07fff0000'];
/** 64 octets for a stream, which are not enough for any answer. */
const narrow = ['000006040000000000000400000040'];
/** POST /v1/whoami of gRPC with a message of one byte, which is a request as any other for who speaks none. */
const header = encodeHeader({ ':method': 'POST', ':scheme': 'https', ':path': '/v1/whoami', ':authority': 'x' });

function encodeHeader(fields: Readonly<Record<string, string>>): Buffer {
  const all = { ...fields, 'content-type': 'application/grpc', te: 'trailers' };
  // Literals without indexing, with new names and without Huffman codes (RFC 7541, 6.2.2).
  return Buffer.concat(
    Object.entries(all).map(([name, value]) =>
      Buffer.from(`\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`, 'latin1'),
    ),
  );
}

function requestOf(protocol: Protocol, settings: readonly string[] = wideOpen): Buffer {
  if (protocol !== 'h2') return Buffer.from('GET /v1/whoami HTTP/1.1\r\nHost: x\r\n\r\n');
  const head = Buffer.from('0000000104000000' + '01', 'hex');
  head.writeUIntBE(header.length, 0, 3);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from(settings.join(''), 'hex'),
    head,
    header,
    Buffer.from('000006000100000001' + '000000000100', 'hex'),
  ]);
}

/** Asks, and reads nothing. */
export function readsNothing(t: TestContext, asking: Asking): TLSSocket {
  const socket = asker(t, asking, asking.port, requestOf(asking.protocol));
  socket.once('secureConnect', () => socket.pause());
  return socket;
}

/** Asks, and from then on takes sixteen octets from the network now and then. */
export async function readsByTheByte(t: TestContext, asking: Asking): Promise<TLSSocket> {
  let slow = false;
  const between = createTcpServer((near) => {
    const onread = {
      buffer: Buffer.alloc(16),
      callback: (length: number, buffer: Uint8Array): boolean => {
        near.write(Buffer.from(buffer.subarray(0, length)));
        if (slow) setTimeout(() => far.resume(), 20);
        return !slow;
      },
    };
    const far = connectTcp({ host: '127.0.0.1', port: asking.port, onread });
    near.pipe(far);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => undefined).once('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  t.after(() => between.close());
  const socket = asker(t, asking, (between.address() as AddressInfo).port, requestOf(asking.protocol));
  socket.once('secureConnect', () => (slow = true));
  return socket.resume();
}

/** Over HTTP/2: reads all that comes, and makes room for one octet more now and then. */
export function opensByTheByte(t: TestContext, asking: Asking): TLSSocket {
  const socket = asker(t, asking, asking.port, requestOf('h2', narrow));
  const drip = setInterval(() => {
    if (socket.writable) socket.write(Buffer.from('000004080000000001' + '00000001', 'hex'));
  }, 20);
  socket.once('close', () => clearInterval(drip));
  return socket;
}

function asker(t: TestContext, { authority, protocol, version }: Asking, port: number, request: Buffer): TLSSocket {
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ...exactly(version),
    ...presented(authority.issue('web')),
    ...(protocol === 'bytes' ? {} : { ALPNProtocols: [protocol] }),
  });
  socket.on('error', () => undefined);
  socket.write(request);
  t.after(() => socket.destroy());
  return socket;
}

/** The types of the frames that came, and their streams (RFC 9113, 4.1). */
export function framesOf(received: Buffer): readonly (readonly [type: number, stream: number])[] {
  const frames: [number, number][] = [];
  for (let rest = received; rest.length >= 9; rest = rest.subarray(9 + rest.readUIntBE(0, 3)))
    frames.push([rest.readUInt8(3), rest.readUInt32BE(5)]);
  return frames;
}

export type { Socket };
