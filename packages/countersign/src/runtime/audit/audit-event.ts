/** What is told to the log: one event, before it has its place in the chain. */
import type { Actor } from './actor.ts';
import type { AuditAction } from './audit-action.ts';

/** In the chain for good: never personal, never secret. Numbers are whole. */
export type AuditFacts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Beside the chain, which holds a salted hash of each: can be erased. */
export type AuditPersonal = Readonly<Record<string, string>>;

export interface AuditEvent {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly action: AuditAction;
  readonly facts: AuditFacts;
  readonly personal: AuditPersonal;
}

export interface EventParts {
  readonly atMs: number;
  readonly actor: Actor;
  readonly facts?: AuditFacts;
  readonly personal?: AuditPersonal;
}

/** An event with its actor: the kind is a fact, the name is personal; but for the authority itself, which is nobody. */
export function auditEvent(action: AuditAction, { atMs, actor, facts = {}, personal = {} }: EventParts): AuditEvent {
  const who: AuditPersonal = actor.kind === 'authority' ? {} : { actor: actor.name };
  return { atMs, action, facts: { ...facts, actorKind: actor.kind }, personal: { ...personal, ...who } };
}
