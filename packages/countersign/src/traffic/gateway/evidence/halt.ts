/** Why nothing is let through: decisions can not be written down, and the configuration says that then none is acted on. Each request reads one field of it. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { Denial } from '../serving/demands.ts';

/** How often a record is tried again that nothing goes on without; whoever is refused may come again then. Own choice. */
export const haltedTryMs = 5_000;

export class Halt {
  /** `undefined`: requests go on. */
  denial: Denial | undefined;

  /** @param what why; the same object for each request that it refuses */
  set(what: Refusal | undefined): void {
    const headers = [['retry-after', String(haltedTryMs / 1_000)]] as const;
    this.denial = what && { refusal: what, headers };
  }

  get refusal(): Refusal | undefined {
    return this.denial?.refusal;
  }
}
