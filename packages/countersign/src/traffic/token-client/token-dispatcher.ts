/** The dispatcher itself: a class of undici's, so that it is loaded with undici. */
import { Dispatcher } from 'undici';
import { Refusal } from '../../ground/errors/index.ts';
import { svidId } from '../../identity/spiffe/index.ts';
import { parseCertificate } from '../../identity/x509/index.ts';
import { createDispatcher, type Credential, fixedSource, type PolicyOrSource, tell } from '../../runtime/tls/index.ts';
import { FreshTokenHandler } from './fresh-token-handler.ts';
import { Lane } from './lane.ts';
import { withToken } from './with-token.ts';
import type { TokenDispatcherOptions } from './token-dispatcher-options.ts';
import { type BoundToken, grantToken } from './token-grant.ts';

type Options = Dispatcher.DispatchOptions;
type Handler = Dispatcher.DispatchHandler;

interface Ready {
  readonly lane: Lane;
  readonly token: BoundToken;
}

/** RFC 9110, 9.2.1. */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const defaultTimeoutMs = 5000;

/** Rotations that may come while a request waits for a token. Own choice. */
const mostTries = 16;

export class TokenDispatcher extends Dispatcher {
  readonly #policy: PolicyOrSource;
  readonly #options: TokenDispatcherOptions;
  readonly #origins: ReadonlySet<string>;
  readonly #unwatch: () => void;
  readonly #waiting = new Set<Promise<void>>();
  readonly #closing = new Set<Promise<void>>();
  /** Of the credential of now first; after it those whose tokens are still good while it has none. */
  #lanes: readonly Lane[];
  #closed = false;

  constructor(policy: PolicyOrSource, options: TokenDispatcherOptions) {
    super();
    this.#policy = policy;
    this.#options = options;
    this.#origins = new Set(options.origins.map(originOf));
    originOf(options.tokens.endpoint);
    this.#lanes = [this.#newLane(options.credentials.current())];
    this.#unwatch = options.credentials.watch(() => this.#catchUp());
  }

  override dispatch(options: Options, handler: Handler): boolean {
    if (typeof handler.onRequestStart !== 'function')
      throw new TypeError(
        "the handler is one of an earlier undici, such as the fetch of Node 24: use undici's own fetch",
      );
    if (this.#closed) throw new TypeError('the dispatcher is closed');
    const origin = originOf(options.origin ?? '');
    if (!this.#origins.has(origin)) throw new Refusal('CS-OAUTH-031', { origin });
    const { body, method } = options;
    const repeatable = safeMethods.has(method) && (body === undefined || body === null);
    this.#send(options, handler, repeatable);
    return true;
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    this.#end();
    const done = this.#closeLanes();
    if (callback === undefined) return done;
    void done.then(callback);
  }

  override destroy(error?: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    this.#end();
    const error = typeof first === 'function' ? null : (first ?? null);
    const callback = typeof first === 'function' ? first : second;
    const done = Promise.all(this.#lanes.map((lane) => lane.destroy(error))).then(() => undefined);
    if (callback === undefined) return done;
    void done.then(callback);
  }

  #end(): void {
    this.#closed = true;
    this.#unwatch();
  }

  async #closeLanes(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.allSettled(this.#waiting);
    await Promise.allSettled([...this.#closing, ...this.#lanes.map((lane) => lane.close())]);
  }

  #send(options: Options, handler: Handler, repeatable: boolean): void {
    const ready = this.#ready();
    if (ready !== undefined) {
      this.#sendWith(ready, options, handler, repeatable);
      return;
    }
    const waiting = this.#whenReady().then(
      (one) => this.#sendOrTell(one, options, handler, repeatable),
      (error: unknown) => handler.onResponseError?.(noController, error as Error),
    );
    this.#waiting.add(waiting);
    void waiting.finally(() => this.#waiting.delete(waiting));
  }

  #sendOrTell(ready: Ready, options: Options, handler: Handler, repeatable: boolean): void {
    try {
      this.#sendWith(ready, options, handler, repeatable);
    } catch (error) {
      handler.onResponseError?.(noController, error as Error);
    }
  }

  #sendWith({ lane, token }: Ready, options: Options, handler: Handler, repeatable: boolean): void {
    const repeat = (): void => this.#send(options, handler, false);
    const fresh = new FreshTokenHandler(handler, {
      onRefused: () => lane.drop(token),
      repeat: repeatable ? repeat : undefined,
    });
    lane.dispatcher.dispatch({ ...options, headers: withToken(options.headers, token.text) }, fresh);
  }

  /** The newest credential that has a token; an older one only as long as the newer has none yet. */
  #ready(): Ready | undefined {
    this.#catchUp();
    for (const lane of this.#lanes) {
      const { token } = lane;
      if (token !== undefined) return { lane, token };
    }
    return undefined;
  }

  async #whenReady(): Promise<Ready> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const [lane] = this.#lanes;
      try {
        await lane?.renew();
      } catch (error) {
        // Of a credential that is no longer the own one nobody wants a token: the next one is asked.
        if (lane === this.#lanes[0]) throw error;
      }
      const ready = this.#ready();
      if (ready !== undefined) return ready;
    }
    const { endpoint } = this.#options.tokens;
    throw new Refusal('CS-OAUTH-030', { address: endpoint, reason: 'each token ended before it could be used' });
  }

  /** Others may hear of a new credential before this does. */
  #catchUp(): void {
    const [current] = this.#lanes;
    const credential = currentOr(this.#options, current?.credential);
    if (credential === undefined || credential === current?.credential || this.#closed) return;
    const next = this.#newLane(credential);
    const [kept, over] = [this.#lanes.filter((lane) => lane.token), this.#lanes.filter((lane) => !lane.token)];
    this.#lanes = [next, ...kept];
    for (const lane of over) this.#retire(lane);
    // At once, while the old token still serves; where none was ever needed, not before one is.
    if (kept.length > 0) next.renewAhead();
  }

  #onToken(lane: Lane): void {
    const at = this.#lanes.indexOf(lane);
    if (at === -1) return;
    const older = this.#lanes.slice(at + 1);
    this.#lanes = this.#lanes.slice(0, at + 1);
    for (const one of older) this.#retire(one);
  }

  #retire(lane: Lane): void {
    const closing: Promise<void> = lane
      .close()
      .catch(() => undefined)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #newLane(credential: Credential): Lane {
    const { tokens, origins: _, credentials: __, ...client } = this.#options;
    const own = { ...client, credentials: fixedSource(credential) };
    const { endpoint, issuer, scope, resource, timeoutMs = defaultTimeoutMs } = tokens;
    const lane: Lane = new Lane({
      credential,
      dispatcher: createDispatcher(this.#policy, own),
      issuer: createDispatcher(issuer, own),
      clock: client.clock,
      grant: (dispatcher) =>
        grantToken({
          address: endpoint,
          clientId: tokens.clientId ?? identityIn(credential),
          scope,
          resource,
          timeoutMs,
          clock: client.clock,
          dispatcher,
        }),
      onToken: () => this.#onToken(lane),
      onRefusal: (refusal) => tell(tokens.onRefusal, refusal),
    });
    return lane;
  }
}

/** undici itself passes none where a request fails before it began. */
const noController = null as unknown as Dispatcher.DispatchController;

/** A source that fails has not changed. */
function currentOr({ credentials }: TokenDispatcherOptions, held: Credential | undefined): Credential | undefined {
  try {
    return credentials.current();
  } catch {
    return held;
  }
}

function identityIn({ chain: [leaf] }: Credential): string {
  const id = leaf === undefined ? undefined : svidId(parseCertificate(leaf));
  if (id === undefined) throw new TypeError('a client without a SPIFFE ID has a clientId');
  return id.toString();
}

function originOf(address: string | URL): string {
  const url = URL.parse(String(address));
  if (url?.protocol !== 'https:')
    throw new TypeError('tokens are sent to, and got from, addresses that begin with https:');
  return url.origin;
}
