/** The clients that administrators registered, beside those of the settings: in memory, and in the authority's store. */
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { isJsonObject, type JsonObject } from '../../identity/bound-tokens/index.ts';
import { type Actor, auditEvent } from '../../runtime/audit/index.ts';
import { readTokenClient, type TokenClient } from './client-registration.ts';
import type { AddedClients } from './client-set.ts';
import type { TokenClientBook } from './token-client-book.ts';
import { longestTokenMs } from './token-life.ts';

export interface AddedClient {
  readonly clientId: string;
  readonly registration: JsonObject;
  readonly sinceMs: number;
}

export interface TokenClientsOptions {
  readonly book: TokenClientBook;
  readonly clock: Clock;
  /** Told of one that an earlier version took and this one does not: it gets no tokens. */
  readonly onUnreadable: (clientId: string, error: unknown) => void;
}

/** All are held in memory, some kilobytes each. Own choice. */
const mostClients = 10_000;

export class TokenClients implements AddedClients {
  readonly #options: TokenClientsOptions;
  readonly #clients = new Map<string, AddedClient & { readonly client: TokenClient | undefined }>();
  readonly #removed = new Map<string, number>();

  private constructor(options: TokenClientsOptions) {
    this.#options = options;
  }

  static async load(options: TokenClientsOptions): Promise<TokenClients> {
    const clients = new TokenClients(options);
    for (const { clientId, registration, atMs } of await options.book.all())
      if (registration === undefined) clients.#removed.set(clientId, atMs);
      else clients.#clients.set(clientId, clients.#read(clientId, registration, atMs));
    return clients;
  }

  find(clientId: string): TokenClient | undefined {
    return this.#clients.get(clientId)?.client;
  }

  countsFromMs(clientId: string): number | undefined {
    return this.#clients.get(clientId)?.sinceMs ?? this.#removed.get(clientId);
  }

  all(): readonly AddedClient[] {
    return [...this.#clients.values()];
  }

  /** @throws CS-OAUTH-001, -014, -015 */
  async add(registration: unknown, actor: Actor): Promise<TokenClient> {
    const client = readTokenClient(registration);
    if (!isJsonObject(registration)) throw new TypeError('client metadata is an object');
    const { clientId, scopes, resources } = client;
    if (this.#clients.size >= mostClients)
      throw new Refusal('CS-OAUTH-015', { client: clientId, maximum: mostClients });
    const nowMs = this.#options.clock.now();
    // Later than the removal of one of this name, also by a clock that went back: whatever that one got is of before.
    const atMs = Math.max(nowMs, (this.#removed.get(clientId) ?? -1) + 1);
    const facts = { client: clientId, scopes: [...scopes], resources: [...resources] };
    const event = auditEvent('token-client.add', { atMs: nowMs, actor, facts });
    // Twice the longest life: by then no token of it is left, whichever way a clock was put.
    const added = await this.#options.book.add({ clientId, registration, atMs }, nowMs - 2 * longestTokenMs, event);
    if (!added) throw new Refusal('CS-OAUTH-014', { client: clientId, where: 'countersign token client list' });
    this.#clients.set(clientId, { clientId, registration, sinceMs: atMs, client });
    return client;
  }

  /** Its tokens end, also where a client of the same name is registered later. @throws CS-OAUTH-013 */
  async remove(clientId: string, actor: Actor): Promise<void> {
    const atMs = this.#options.clock.now();
    const event = auditEvent('token-client.remove', { atMs, actor, facts: { client: clientId } });
    if (!(await this.#options.book.remove(clientId, atMs, event)))
      throw new Refusal('CS-OAUTH-013', { client: clientId, reason: 'nobody is registered so by an administrator' });
    this.#clients.delete(clientId);
    this.#removed.set(clientId, atMs);
  }

  #read(
    clientId: string,
    registration: JsonObject,
    sinceMs: number,
  ): AddedClient & { readonly client: TokenClient | undefined } {
    try {
      return { clientId, registration, sinceMs, client: readTokenClient(registration) };
    } catch (error) {
      this.#options.onUnreadable(clientId, error);
      return { clientId, registration, sinceMs, client: undefined };
    }
  }
}
