/** A caller whom a proxy names, as long as something of it goes on: it rests on the caller's own certificate beside that of the connection, which is the proxy's. */
import type { Refusal } from '../../ground/errors/index.ts';
import { type Gate, LiveConnection, type LiveConnectionOptions } from '../../runtime/tls/index.ts';
import { type ForwardedPeer, validatedOf } from './forwarded-peer.ts';

export interface RestingCallerOptions extends Pick<LiveConnectionOptions, 'trust' | 'verifier'> {
  /** How many things go on now: for so many it is counted where it is ended. */
  readonly carried: () => number;
  /** Ends all of them before it returns: the certificate is revoked, has expired, or leads to nothing that is trusted any more. */
  readonly close: (refusal: Refusal) => void;
}

/** Less than a `LiveConnection`, which knows a `VerifiedPeer`. */
export interface RestingCaller extends Gate {
  /** Why it is to be ended, once that is certain. */
  readonly doom: Refusal | undefined;
  /** It rests no longer. */
  end(): void;
}

export function restingCaller(peer: ForwardedPeer, options: RestingCallerOptions): RestingCaller {
  return new Resting(new LiveConnection({ peer: validatedOf(peer), ...options }));
}

class Resting implements RestingCaller {
  readonly #live: LiveConnection;

  constructor(live: LiveConnection) {
    this.#live = live;
  }

  get doom(): Refusal | undefined {
    return this.#live.doom;
  }

  passes(): boolean {
    return this.#live.passes();
  }

  end(): void {
    this.#live.end();
  }
}
