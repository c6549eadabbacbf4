/** Who is subscribed to the feed now, found by stream, by endpoint and by identity: thousands come at once after a restart. */
import type { EndpointName } from './endpoints.ts';
import type { FeedStream } from './feed-stream.ts';

export interface Subscription {
  readonly name: EndpointName;
  readonly stream: FeedStream;
}

export class Subscriptions {
  readonly #byStream = new Map<FeedStream, Subscription>();
  /** Per identity by endpoint. */
  readonly #byName = new Map<string, Map<string, Subscription>>();

  get size(): number {
    return this.#byStream.size;
  }

  streams(): Iterable<FeedStream> {
    return this.#byStream.keys();
  }

  all(): readonly Subscription[] {
    return [...this.#byStream.values()];
  }

  of({ spiffeId, endpoint }: EndpointName): Subscription | undefined {
    return this.#byName.get(spiffeId)?.get(endpoint);
  }

  /** Those of one identity. */
  under(spiffeId: string): { readonly count: number; readonly waiting: number } {
    const them = this.#byName.get(spiffeId);
    let waiting = 0;
    for (const { stream } of them?.values() ?? []) waiting += stream.waiting;
    return { count: them?.size ?? 0, waiting };
  }

  /** An endpoint has one at a time: the one before has been dropped. */
  add({ spiffeId, endpoint }: EndpointName, stream: FeedStream): void {
    const subscription = { name: { spiffeId, endpoint }, stream };
    this.#byStream.set(stream, subscription);
    const them = this.#byName.get(spiffeId) ?? new Map<string, Subscription>();
    this.#byName.set(spiffeId, them.set(endpoint, subscription));
  }

  /** `undefined` where it was dropped before. */
  drop(stream: FeedStream): Subscription | undefined {
    const subscription = this.#byStream.get(stream);
    if (subscription === undefined) return undefined;
    this.#byStream.delete(stream);
    const { spiffeId, endpoint } = subscription.name;
    const them = this.#byName.get(spiffeId);
    them?.delete(endpoint);
    if (them?.size === 0) this.#byName.delete(spiffeId);
    return subscription;
  }
}
