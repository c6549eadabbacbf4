/** Enrolment and renewal in a credential folder: safe to run again after a crash at any point. */
import { type Clock, systemClock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { KeyType } from '../../identity/x509/index.ts';
import { decodeToken, type EnrollmentToken } from '../../runtime/api/index.ts';
import { loadCredential, loadOrCreateKey, storeCredential } from './credential-folder.ts';
import { enroll } from './enroll.ts';
import { type HeldCredential, namesOf } from './held-credential.ts';
import { renew } from './renew.ts';

export interface EnrollFolderOptions {
  /** The token's text. */
  readonly token: string;
  /** The names to ask for, where the token leaves them to the request. */
  readonly names?: readonly string[] | undefined;
  /** Default P-256; a key that is there already is used as it is. */
  readonly keyType?: KeyType;
  /** Default the machine's. */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** The key is on disk before the authority is asked, so the same token can be used again after a crash. */
export async function enrollFolder(folder: string, options: EnrollFolderOptions): Promise<HeldCredential> {
  const { clock = systemClock, signal } = options;
  const decoded = decodeToken(options.token);
  const { names } = options;
  const token = decoded.names.length === 0 ? { ...decoded, names: names ?? [] } : decoded;
  const before = await loadCredential(folder);
  if (before !== undefined) requireSameIdentity(folder, before, token);
  const privateKey = await loadOrCreateKey(folder, options.keyType);
  const held = await enroll({ token: options.token, names, privateKey, clock, ...(signal && { signal }) });
  // The token's certificate again, while the folder holds a renewed one.
  if (before !== undefined && before.leaf.notAfter > held.leaf.notAfter) return before;
  await storeCredential(folder, held);
  return held;
}

export interface RenewFolderOptions {
  /** Default the machine's. */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export async function renewFolder(
  folder: string,
  { clock = systemClock, signal }: RenewFolderOptions = {},
): Promise<HeldCredential> {
  const before = await loadCredential(folder);
  if (before === undefined) throw new Refusal('CS-AGENT-001', { folder });
  const held = await renew({ held: before, clock, ...(signal && { signal }) });
  await storeCredential(folder, held);
  return held;
}

/** Whether `held` is what the token is for: the same authority, and every name of it. */
export function isFor(token: EnrollmentToken, held: HeldCredential): boolean {
  const names = namesOf(held.leaf).map((name) => name.toLowerCase());
  return held.rootSha256 === token.root && token.names.every((name) => names.includes(name.toLowerCase()));
}

export function requireSameIdentity(folder: string, held: HeldCredential, token: EnrollmentToken): void {
  if (isFor(token, held)) return;
  const holds = [...namesOf(held.leaf), `of ${held.authority}`];
  throw new Refusal('CS-AGENT-002', { folder, holds, asked: [...token.names, `of ${token.authority}`] });
}
