/** The storage port of clients that an administrator registered. What changed and its event are one transaction. */
import type { JsonObject } from '../../identity/bound-tokens/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';

export interface TokenClientRecord {
  readonly clientId: string;
  /** Client metadata (RFC 7591); `undefined` of one that was removed. */
  readonly registration: JsonObject | undefined;
  /** When it was registered, or removed. */
  readonly atMs: number;
}

export interface TokenClientBook {
  all(): Promise<readonly TokenClientRecord[]>;
  /** Whether it was new; nothing is written of one that is there, nor its event. @param forgetMs those removed before then are forgotten */
  add(client: TokenClientRecord, forgetMs: number, event: AuditEvent): Promise<boolean>;
  /** Whether it was there. That it was removed, and when, is remembered. */
  remove(clientId: string, atMs: number, event: AuditEvent): Promise<boolean>;
}
