/** What the callers whom a proxy names have under way: it ends with their own certificates, whatever becomes of the proxy's connection. */
import type { Readable } from 'node:stream';
import { Refusal } from '../../../ground/errors/index.ts';
import { gateReadable } from '../../../runtime/tls/index.ts';
import { type ForwardedPeer, isForwardedPeer } from '../../forwarded-identity/index.ts';
import { ForwardedCaller, type Relayed } from './relayed.ts';

/** Callers that rest with nothing under way; own choice, as many as a verifier remembers: who calls again and again is entered once. */
const defaultMostIdle = 10_000;

export class ForwardedCallers {
  readonly #end: (caller: ForwardedCaller, refusal: Refusal) => void;
  readonly #mostIdle: number;
  #all: ForwardedCaller[] = [];
  /** How many there may be before those that are idle go. */
  #most: number;
  /** Peers are the same object for as long as both paths stand. */
  readonly #known = new WeakMap<ForwardedPeer, ForwardedCaller>();

  /** @param end breaks off all that this caller has under way */
  constructor(end: (caller: ForwardedCaller, refusal: Refusal) => void, mostIdle: number = defaultMostIdle) {
    this.#end = end;
    this.#mostIdle = mostIdle;
    this.#most = mostIdle;
  }

  /** @param body what the caller sends; of it nothing is handed on once he passes no longer @returns why it does not go on */
  enter(one: Relayed, body: Readable | undefined): Refusal | undefined {
    const { peer, question, generation } = one.relayed;
    if (peer === undefined || !isForwardedPeer(peer)) return undefined;
    const caller = this.#known.get(peer) ?? new ForwardedCaller(peer);
    caller.resting ??= generation.forwarding.resting(question.host, peer, {
      carried: () => caller.open,
      close: (refusal) => this.#close(caller, refusal),
    });
    const { resting } = caller;
    if (resting === undefined) return new Refusal('CS-GATEWAY-082', { proxy: peer.proxy.name, host: question.host });
    if (this.#known.get(peer) !== caller) this.#remember(caller);
    // It may have fallen since its certificate was looked at.
    if (!resting.passes()) return refusalFor(peer, resting.doom);
    caller.open += 1;
    one.caller = caller;
    if (body !== undefined) gateReadable(body, resting);
    return undefined;
  }

  leave(one: Relayed): void {
    if (one.caller === undefined) return;
    one.caller.open -= 1;
    one.caller = undefined;
  }

  #remember(caller: ForwardedCaller): void {
    this.#known.set(caller.peer, caller);
    this.#all.push(caller);
    if (this.#all.length <= this.#most) return;
    for (const one of this.#all) if (one.open === 0 && one !== caller) this.#forget(one);
    this.#all = this.#all.filter(({ resting }) => resting !== undefined);
    this.#most = Math.max(this.#mostIdle, 2 * this.#all.length);
  }

  #forget(caller: ForwardedCaller): void {
    caller.resting?.end();
    caller.resting = undefined;
    this.#known.delete(caller.peer);
  }

  #close(caller: ForwardedCaller, why: Refusal): void {
    this.#forget(caller);
    this.#end(caller, refusalFor(caller.peer, why));
  }
}

/** As its next request is told. */
function refusalFor({ proxy }: ForwardedPeer, why: Refusal | undefined): Refusal {
  const { code = 'none', title: because = 'none' } = why ?? {};
  return new Refusal('CS-GATEWAY-052', { proxy: proxy.name, code, because }, { cause: why });
}
