/** Many clients in a process of their own, since both ends of ten thousand connections are more descriptors than one process may have. */
import { connect, createSecureContext, type TLSSocket } from 'node:tls';

/** What the process is told, one at a time. */
export type Order =
  | {
      readonly do: 'open';
      /** The connections take turns with them where there are several. */
      readonly port: number | readonly number[];
      readonly count: number;
      readonly ca: string;
      /** Begin an upload at once: a server waits for the first request of a connection for some seconds alone. */
      readonly upload: boolean;
      /** What the upload begins with; default HTTP/1.1. */
      readonly protocol?: 'http/1.1' | 'h2';
      /** Instead of an upload: one request of this host, until its answer has said so much. */
      readonly ask?: { readonly host: string; readonly until: string };
      /** The clients take turns with them. */
      readonly credentials: readonly { readonly cert: string; readonly key: string }[];
    }
  /** Each connection goes on with its upload until it is closed. */
  | { readonly do: 'upload' }
  /** Asks and asks again, a few at a time. */
  | { readonly do: 'ask'; readonly forMs: number };

export type Answer =
  | { readonly done: 'open' | 'upload' }
  /** Milliseconds that the slowest of a hundred requests took. */
  | { readonly done: 'ask'; readonly p99Ms: number; readonly requests: number }
  /** Not asked for: one was closed, at this moment of the machine's monotonic clock. */
  | { readonly done: 'closed'; readonly atUs: number };

const host = '127.0.0.1';
const handshakesAtOnce = 32;

/** A request whose end never comes. */
const uploadHeader = {
  'http/1.1': 'POST /upload HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n',
  h2: http2Upload(),
};
/** The acknowledgement of the server's SETTINGS (RFC 9113, 6.5.3). */
const settingsTaken = Buffer.from([0, 0, 0, 4, 1, 0, 0, 0, 0]);
const piece = '10\r\n0123456789abcdef\r\n';
const question = 'GET / HTTP/1.1\r\nHost: orders\r\n\r\n';

const sockets: TLSSocket[] = [];

if (process.send !== undefined) {
  process.on('message', (order: Order) => {
    void carryOut(order).then((answer) => process.send?.(answer));
  });
  process.once('disconnect', () => process.exit());
}

async function carryOut(order: Order): Promise<Answer> {
  if (order.do === 'ask') return ask(order.forMs);
  if (order.do === 'open') await open(order);
  else void keepUploading();
  return { done: order.do };
}

async function open(order: Order & { do: 'open' }): Promise<void> {
  const { port, count, ca, credentials, upload, ask, protocol = 'http/1.1' } = order;
  const ports = typeof port === 'number' ? [port] : port;
  const contexts = credentials.map((credential) => createSecureContext({ ...credential, ca }));
  let begun = 0;
  const one = async (): Promise<void> => {
    for (let nth = begun++; nth < count; nth = begun++) {
      const secureContext = contexts[nth % contexts.length];
      const socket = connect({
        host,
        port: ports[nth % ports.length] ?? 0,
        ALPNProtocols: [protocol],
        ...(secureContext && { secureContext }),
        ...(ask && { servername: ask.host }),
        checkServerIdentity: () => undefined,
      });
      await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
      socket.on('error', () => undefined);
      socket.once('close', tellClosed);
      socket.resume();
      if (upload) socket.write(uploadHeader[protocol]);
      if (protocol === 'h2') socket.once('data', () => socket.write(settingsTaken));
      if (ask) await answered(socket, ask, protocol);
      sockets.push(socket);
    }
  };
  await Promise.all(Array.from({ length: handshakesAtOnce }, one));
}

async function answered(
  socket: TLSSocket,
  { host: name, until }: { readonly host: string; readonly until: string },
  protocol: 'http/1.1' | 'h2',
): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const onClose = (): void => reject(new Error('closed instead of answered'));
    const onData = (piece: Buffer): void => {
      said += piece.toString('latin1');
      if (!said.includes(until)) return;
      socket.off('data', onData).off('close', onClose);
      resolve();
    };
    socket.on('data', onData).once('close', onClose);
    socket.write(protocol === 'h2' ? http2Begin(name, 'GET') : `GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
  });
}

function http2Upload(): Buffer {
  return http2Begin('orders', 'POST');
}

/** Connection preface, empty SETTINGS, and the HEADERS of stream 1, which ends with them where it is a GET (RFC 9113, 3.4, 6.2; RFC 7541, appendix A). */
function http2Begin(authority: string, method: 'GET' | 'POST'): Buffer {
  const [indexed, flags] = method === 'GET' ? [0x82, 5] : [0x83, 4];
  const header = Buffer.from([indexed, 0x87, 0x84, 0x41, authority.length, ...Buffer.from(authority)]);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
    Buffer.from([0, 0, header.length, 1, flags, 0, 0, 0, 1]),
    header,
  ]);
}

async function keepUploading(): Promise<void> {
  for (;;) {
    let open = 0;
    for (const socket of sockets) {
      if (socket.destroyed || !socket.writable) continue;
      open++;
      if (socket.writableLength < 1024) socket.write(piece);
      if (open % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (open === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ask(forMs: number): Promise<Answer> {
  const until = performance.now() + forMs;
  const took: number[] = [];
  const askOn = async (socket: TLSSocket): Promise<void> => {
    while (performance.now() < until) {
      const begun = performance.now();
      const answered = new Promise<void>((resolve, reject) => {
        socket.once('data', () => resolve());
        socket.once('close', () => reject(new Error('closed instead of answered')));
      });
      socket.write(question);
      await answered;
      socket.removeAllListeners('close');
      took.push(performance.now() - begun);
    }
  };
  await Promise.all(sockets.map(askOn));
  took.sort((a, b) => a - b);
  return { done: 'ask', p99Ms: took[Math.floor(took.length * 0.99)] ?? Number.NaN, requests: took.length };
}

/** Who asked may be gone by then. */
function tellClosed(): void {
  const atUs = Number(process.hrtime.bigint() / 1000n);
  if (process.connected) process.send?.({ done: 'closed', atUs } satisfies Answer, undefined, {}, () => undefined);
}
