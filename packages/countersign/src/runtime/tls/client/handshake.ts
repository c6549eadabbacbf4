/** One attempt at a connection: TCP and the TLS handshake, each with its own name for its failure. */
import type { TLSSocket } from 'node:tls';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { codeOf, handshakeRefusal } from '../refusals/handshake-refusal.ts';
import type { ClientOptions } from './client-options.ts';

const defaultTimeoutMs = 10_000;

export interface Attempt<Live> {
  readonly socket: TLSSocket;
  readonly address: string;
  readonly options: ClientOptions;
  /** Whether the TCP connection is open already. */
  readonly reached: boolean;
  /**
   * Called in the very moment in which the handshake is over, before anything that the server sends is handed on.
   * @param patience ends what it waits for, where it does
   */
  readonly goLive: (socket: TLSSocket, handshakeMs: number, patience: () => AbortSignal) => Live | Promise<Live>;
}

/** Resolves with what `goLive` made of it. Rejects with a Refusal: of ours, or naming what the other side or the network did. */
export function shakeHands<Live>(attempt: Attempt<Live>): Promise<Live> {
  const { socket, options } = attempt;
  const { clock, timeoutMs = defaultTimeoutMs } = options;
  return new Promise((resolve, reject) => {
    let reachedAt = attempt.reached ? clock.monotonic() : undefined;
    let waiting: AbortController | undefined;
    const timer = clock.after(timeoutMs, () => {
      // The handshake is over: it is decided by what is known.
      if (waiting !== undefined) waiting.abort();
      else socket.destroy(tooLate(attempt.address, timeoutMs, reachedAt !== undefined));
    });
    const onError = (error: unknown): void => {
      timer.cancel();
      reject(isRefusal(error) ? error : failure(error, attempt, reachedAt !== undefined));
    };
    const patience = (): AbortSignal => {
      const begun = new AbortController();
      waiting = begun;
      socket.once('close', () => begun.abort());
      return begun.signal;
    };
    const settle = (): void => {
      timer.cancel();
      socket.off('error', onError);
    };
    const refuse = (error: unknown): void => {
      settle();
      giveUp(socket);
      reject(isRefusal(error) ? error : unverifiable(error));
    };
    socket.once('connect', () => (reachedAt = clock.monotonic()));
    socket.once('error', onError);
    socket.once('secureConnect', () => {
      try {
        const live = attempt.goLive(socket, clock.monotonic() - (reachedAt ?? clock.monotonic()), patience);
        if (live instanceof Promise) {
          live.then((waited) => {
            settle();
            resolve(waited);
          }, refuse);
          return;
        }
        settle();
        resolve(live);
      } catch (error) {
        refuse(error);
      }
    });
  });
}

/** Whatever comes of the destroyed socket afterwards is of no interest. */
export function giveUp(socket: TLSSocket): void {
  socket.on('error', () => undefined);
  socket.destroy();
}

function unverifiable(cause: unknown): Refusal {
  return new Refusal('CS-PEER-006', { subject: 'not read', reason: 'could not be verified' }, { cause });
}

function tooLate(address: string, timeoutMs: number, reached: boolean): Refusal {
  return reached
    ? new Refusal('CS-TLS-002', { address, timeoutMs })
    : new Refusal('CS-TLS-006', { address, reason: `no connection within ${timeoutMs} ms` });
}

function failure(error: unknown, { address, options }: Attempt<unknown>, reached: boolean): Refusal {
  if (reached) return handshakeRefusal({ error, address, minVersion: options.minVersion ?? 'TLSv1.3' });
  return new Refusal('CS-TLS-006', { address, reason: codeOf(error) }, { cause: error });
}
