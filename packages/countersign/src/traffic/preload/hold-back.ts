/** Holds a connection back until there is a verdict on its server: nothing that was written leaves, nothing that came is handed on, nobody hears that it is open. */
import type { TLSSocket } from 'node:tls';

type Done = (error?: Error | null) => void;

export interface Held {
  /** What is written goes out from now on. */
  letOut(): void;
}

/**
 * @param decide called when the handshake is over; a promise where there is something to wait for, which never rejects
 * @returns what was written is held until `letOut`, the end of writing too: `end()` would take a cork away
 */
export function holdBack(socket: TLSSocket, decide: () => Promise<void> | undefined): Held {
  const writes = new HeldWrites(socket);
  const emit = socket.emit.bind(socket) as (...given: readonly unknown[]) => boolean;
  let decided = false;
  // Node itself goes on at this event: it asks for the identity, sets what `authorized` and `secureConnecting` say, and tells of `secureConnect`.
  socket.emit = (...given: readonly unknown[]): boolean => {
    if (decided || given[0] !== 'secure') return emit(...given);
    decided = true;
    const waiting = decide();
    if (waiting === undefined) return emit(...given);
    const reads = new HeldReads(socket);
    const goOn = (): void => {
      if (socket.destroyed) return;
      emit(...given);
      reads.letIn();
    };
    // Out of the promise: what a listener throws is an exception there as it is without us.
    void waiting.then(() => process.nextTick(goOn));
    return true;
  };
  return writes;
}

interface HeldWrite {
  readonly go: () => void;
  readonly done: Done;
}

/** At most one at a time: a stream hands on the next one when the one before is done. */
class HeldWrites implements Held {
  readonly #socket: TLSSocket;
  #held: HeldWrite | undefined;
  #open = false;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    for (const name of methods) this.#hold(name);
    // As Node ends a write whose connection is gone.
    socket.once('close', () => this.#held?.done(socket.errored ?? new Error('closed before anything was sent')));
  }

  letOut(): void {
    this.#open = true;
    for (const name of methods) Reflect.deleteProperty(this.#socket, name);
    const held = this.#held;
    this.#held = undefined;
    held?.go();
  }

  #hold(name: (typeof methods)[number]): void {
    const socket = this.#socket;
    const original: unknown = Reflect.get(socket, name);
    if (typeof original !== 'function') throw new TypeError(`a socket has ${name}`);
    const held = (...given: readonly unknown[]): void => {
      const go = (): void => void Reflect.apply(original, socket, given);
      if (this.#open) go();
      else this.#held = { go, done: given.at(-1) as Done };
    };
    Reflect.set(socket, name, held);
  }
}

const methods = ['_write', '_writev', '_final'] as const;

/**
 * Stopped at the handle, since a session of node:http2 reads there when it is told that the connection is open; what was decrypted with the last of the
 * handshake comes nevertheless, and is kept.
 */
class HeldReads {
  readonly #socket: TLSSocket;
  readonly #came: (readonly [chunk: unknown, encoding?: BufferEncoding])[] = [];
  #open = false;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    const push = socket.push.bind(socket);
    socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (this.#open) return push(chunk, encoding);
      this.#came.push([chunk, encoding]);
      return false;
    };
    this.#handle('readStop');
  }

  letIn(): void {
    this.#open = true;
    const socket = this.#socket;
    if (socket.destroyed) return;
    this.#handle('readStart');
    // By the socket's own: a gate may stand before it by now.
    for (const came of this.#came) socket.push(...came);
    if (this.#came.length > 0) socket.read(0);
  }

  #handle(act: 'readStop' | 'readStart'): void {
    const handle: unknown = Reflect.get(this.#socket, '_handle');
    if (typeof handle !== 'object' || handle === null) return;
    const found: unknown = Reflect.get(handle, act);
    if (typeof found === 'function') Reflect.apply(found, handle, []);
  }
}
