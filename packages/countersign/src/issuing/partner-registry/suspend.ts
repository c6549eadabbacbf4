/** Suspends a partner, resumes it, removes it: the book first where that forbids something, last where it allows. */
import { Refusal } from '../../ground/errors/index.ts';
import { type Actor, auditEvent } from '../../runtime/audit/index.ts';
import { findPartner } from './find-partner.ts';
import type { PartnerRegistry } from './registry.ts';

type Books = Pick<PartnerRegistry, 'book' | 'clock'>;

interface Order {
  readonly name: string;
  readonly actor: Actor;
}

/**
 * @param enforce holds its certificates; run again where the partner is suspended already, so that what failed half-way is repeated
 * @throws CS-PARTNER-004
 */
export async function suspend<T>(
  books: Books,
  { name, actor, reason }: Order & { readonly reason?: string | undefined },
  enforce: () => Promise<T>,
): Promise<T> {
  const { book, clock } = books;
  await findPartner(book, name);
  const atMs = clock.now();
  const facts = { partner: name, ...(reason === undefined ? {} : { reason }) };
  const event = auditEvent('partner.suspend', { atMs, actor, facts });
  await book.settle([{ name, from: 'active', to: 'suspended', reason, atMs, event }]);
  return enforce();
}

/** @param enforce releases its certificates @throws CS-PARTNER-004, -007 */
export async function resume<T>(books: Books, { name, actor }: Order, enforce: () => Promise<T>): Promise<T> {
  const { book, clock } = books;
  const { state } = await findPartner(book, name);
  if (state !== 'suspended') throw new Refusal('CS-PARTNER-007', { partner: name, state });
  const done = await enforce();
  const atMs = clock.now();
  const event = auditEvent('partner.resume', { atMs, actor, facts: { partner: name } });
  await book.settle([{ name, from: 'suspended', to: 'active', atMs, event }]);
  return done;
}

/** @param enforce revokes its identity @throws CS-PARTNER-004 */
export async function remove<T>(books: Books, order: Order, enforce: () => Promise<T>): Promise<T> {
  const { name, actor } = order;
  // Suspended first: nothing is issued while its identity is being revoked, and a removal that failed half-way is repeated.
  const done = await suspend(books, { ...order, reason: 'being removed' }, enforce);
  const event = auditEvent('partner.remove', { atMs: books.clock.now(), actor, facts: { partner: name } });
  await books.book.remove([{ name, event }]);
  return done;
}
