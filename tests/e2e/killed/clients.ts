/** Those who ask the authority while it dies: for tokens, certificates, renewals, revocations. Each remembers what it was told. */
import assert from 'node:assert/strict';
import { isRefusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import type { AdministeredAuthority } from '../../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey, type PrivateKey } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll, type HeldCredential, renew } from '../../../packages/countersign/src/traffic/enrollment/index.ts';

export interface Client {
  readonly name: string;
  readonly token: string;
  readonly key: PrivateKey;
  /** What the authority acknowledged last. */
  held?: HeldCredential;
  /** Whether a revocation was asked for, and whether it was acknowledged. */
  revocation?: 'asked' | 'acknowledged';
}

export async function recruit(local: AdministeredAuthority, name: string): Promise<Client> {
  const { token } = await local.createToken({ names: [name], lifeSeconds: 3600 });
  return { name, token, key: generatePrivateKey('P-256') };
}

/** A token asked for while the authority dies: a client where it was acknowledged. */
export async function recruiting(local: AdministeredAuthority, name: string): Promise<Client | undefined> {
  return unlessDead(recruit(local, name));
}

export async function enrolling(client: Client): Promise<HeldCredential | undefined> {
  const held = await unlessDead(enroll({ token: client.token, privateKey: client.key }));
  if (held !== undefined) client.held = held;
  return held;
}

export async function renewing(client: Client): Promise<HeldCredential | undefined> {
  const { held } = client;
  if (held === undefined) return undefined;
  const renewed = await unlessDead(
    renew({ held }).catch((error: unknown) => {
      // Who is being revoked may be refused, in each of the ways in which a revoked one is.
      if (client.revocation !== undefined && isRefusal(error) && refusesRevoked.has(error.code)) return undefined;
      throw error;
    }),
  );
  if (renewed !== undefined) client.held = renewed;
  return renewed;
}

const refusesRevoked: ReadonlySet<string> = new Set(['CS-RENEW-002', 'CS-PEER-008']);

export async function revoking(local: AdministeredAuthority, client: Client): Promise<void> {
  client.revocation = 'asked';
  if ((await unlessDead(local.revoke({ name: client.name }))) !== undefined) client.revocation = 'acknowledged';
}

/** Nothing, where the authority died before it answered. Any refusal of its own is a fault. */
async function unlessDead<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isRefusal(error) && /^CS-(?:NET|TLS)-/.test(error.code)) return undefined;
    throw error;
  }
}

/** The same token with the same key: the certificate that was acknowledged, or the one that was not, or a first one. */
export async function retry(client: Client): Promise<HeldCredential[]> {
  const again = await enroll({ token: client.token, privateKey: client.key });
  const { held } = client;
  if (held !== undefined) assert.deepEqual(Buffer.from(again.leaf.raw), Buffer.from(held.leaf.raw), client.name);
  client.held = again;
  return held === undefined ? [again] : [];
}

/** Whose revocation was acknowledged is refused from the first request on, and gets nothing. */
export async function requireRefused({ name, held, revocation }: Client): Promise<void> {
  if (held === undefined || revocation !== 'acknowledged') return;
  await assert.rejects(
    renew({ held }),
    (error: unknown) => isRefusal(error) && refusesRevoked.has(error.code),
    `let in, though its revocation was acknowledged: ${name}`,
  );
}

/** Asked again after the restart: now it is revoked, and asking once more changes nothing. */
export async function requireRevoked(local: AdministeredAuthority, client: Client): Promise<void> {
  const first = await local.revoke({ name: client.name });
  client.revocation = 'acknowledged';
  const again = await local.revoke({ name: client.name });
  assert.deepEqual([again.number, again.serials], [first.number, first.serials], client.name);
  await assert.rejects(enroll({ token: client.token, privateKey: client.key }), { code: 'CS-RENEW-002' }, client.name);
}

/** The name of the snapshot's file, where it was acknowledged. */
export async function backingUp(local: AdministeredAuthority): Promise<string | undefined> {
  return (await unlessDead(local.takeSnapshot()))?.file;
}
