/** A request that asks for an upgrade while an earlier one of its connection is unanswered: the answers go out in order (RFC 9112, 9.3.2), so it is none. */
import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:tls';

type MayUpgrade = (request: IncomingMessage) => boolean;

export class UpgradesInTurn {
  /** The latest; not held, since nobody may ask. */
  #early: WeakRef<IncomingMessage> | undefined;

  /** Node would take the connection from those requests at once: what it turns into would be said before their answers, and these in the midst of it. */
  constructor(server: Server, isAnswering: (request: IncomingMessage) => boolean) {
    const mayUpgrade: unknown = Reflect.get(server, 'shouldUpgradeCallback');
    // One that speaks HTTP/2 alone has none.
    if (typeof mayUpgrade !== 'function') return;
    const inTurn: MayUpgrade = (request) => {
      if (Reflect.apply(mayUpgrade, server, [request]) !== true) return false;
      const early = isAnswering(request);
      if (early) this.#early = new WeakRef(request);
      return !early;
    };
    Reflect.set(server, 'shouldUpgradeCallback', inTurn);
  }

  /** For the listeners of `request`, which it is then (RFC 9110, 7.8: an upgrade may be left unheard). */
  wasEarly(request: IncomingMessage): boolean {
    if (this.#early === undefined) return false;
    const isThat = this.#early.deref() === request;
    this.#early = undefined;
    return isThat;
  }
}
