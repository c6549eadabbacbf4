/** Subscribers of the feed in a process of their own, as light as they can be: they read what comes, verify nothing and acknowledge nothing. */
import { connect, createSecureContext, type SecureContext } from 'node:tls';

/** What the process is told, one at a time. */
export interface Order {
  readonly port: number;
  readonly count: number;
  readonly ca: string;
  /** Ask for the feed, and wait for its first message; else say nothing. */
  readonly follow: boolean;
  /** They take turns with them. */
  readonly credentials: readonly { readonly cert: string; readonly key: string }[];
}

export type Told =
  | { readonly told: 'open' }
  /** A change came to the last of them, at this moment of the machine's monotonic clock. */
  | { readonly told: 'reached'; readonly atUs: number }
  /** So many were closed so far. */
  | { readonly told: 'closed'; readonly count: number };

const handshakesAtOnce = 32;

let subscribed = 0;
let reached = 0;
let closed = 0;

if (process.send !== undefined) {
  process.on('message', (order: Order) => {
    void open(order).then(() => tell({ told: 'open' }));
  });
  process.once('disconnect', () => process.exit());
}

async function open({ port, count, ca, credentials, follow }: Order): Promise<void> {
  const contexts = credentials.map((credential) => createSecureContext({ ...credential, ca }));
  let begun = 0;
  const some = async (): Promise<void> => {
    for (let nth = begun++; nth < count; nth = begun++) await one(port, contexts[nth % contexts.length], follow);
  };
  await Promise.all(Array.from({ length: handshakesAtOnce }, some));
}

async function one(port: number, secureContext: SecureContext | undefined, follow: boolean): Promise<void> {
  const socket = connect({
    ...{ host: '127.0.0.1', port, ALPNProtocols: ['http/1.1'], checkServerIdentity: () => undefined },
    ...(secureContext && { secureContext }),
  });
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  socket.on('error', () => undefined);
  socket.once('close', () => tell({ told: 'closed', count: ++closed }));
  if (!follow) {
    socket.resume();
    return;
  }
  const endpoint = `bench-${String(subscribed++).padStart(16, '0')}`;
  socket.write(`GET /v1/feed HTTP/1.1\r\nHost: 127.0.0.1:${String(port)}\r\nCountersign-Endpoint: ${endpoint}\r\n\r\n`);
  await new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('closed instead of subscribed')));
    // The end of an event; a piece may end within one, and the next then begins with the rest.
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      if (text.startsWith('HTTP/') && !text.startsWith('HTTP/1.1 200 ')) reject(new Error(text));
      if (text.includes('event: change\n') && ++reached % subscribed === 0) tell({ told: 'reached', atUs: nowUs() });
      if (text.includes('event: state\n')) resolve();
    });
  });
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Who asked may be gone by then. */
function tell(told: Told): void {
  if (process.connected) process.send?.(told, undefined, {}, () => undefined);
}
