/** What a client remembers of the servers that it called with one credential. */
import type { Heard } from './first-answer.ts';

export interface KnownServer {
  /** Its first connection was waited for, and it was not refused on it. */
  greeted: boolean;
  /** What the last probe found, and when it began on the monotonic clock. */
  probe?: { readonly at: number; readonly heard: Promise<Heard> };
}

/** Servers of one credential. Our own choice; the oldest is forgotten, and greeted again. */
const mostServers = 10_000;

/** Another version of a credential is another object, so that a new one is greeted anew. */
const byCredential = new WeakMap<object, Map<string, KnownServer>>();
const withoutCredential = {};

/** @param server address, port and server name */
export function knownServer(credential: object | undefined, server: string): KnownServer {
  const key = credential ?? withoutCredential;
  const servers = byCredential.get(key) ?? new Map<string, KnownServer>();
  byCredential.set(key, servers);
  const found = servers.get(server);
  if (found !== undefined) return found;
  const oldest = servers.size >= mostServers ? servers.keys().next().value : undefined;
  if (oldest !== undefined) servers.delete(oldest);
  const known: KnownServer = { greeted: false };
  servers.set(server, known);
  return known;
}
