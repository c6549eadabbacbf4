/** An entry in words: who did it, and what it was about. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import type { AuditEntry } from '../../runtime/audit/index.ts';

const erased = '(erased)';

/** A token, a certificate that was renewed, or the authority itself where no person acted. */
export function actorWords({ facts, personal }: AuditEntry): string {
  const { actor } = personal;
  if (actor !== undefined) return printable(actor.value ?? erased);
  const origin = facts['origin'] ?? (facts['token'] === undefined ? undefined : `token:${String(facts['token'])}`);
  return typeof origin === 'string' && !origin.startsWith('own:') ? printable(origin) : 'the authority';
}

export function subjectWords({ facts, personal }: AuditEntry): string {
  const names = Object.entries(personal)
    .filter(([name]) => name !== 'actor')
    .map(([name, { value }]) => `${name === 'names' ? '' : `${name} `}${value ?? erased}`);
  const known = Object.entries(facts)
    .filter(([name]) => name !== 'actorKind' && name !== 'origin')
    .map(([name, fact]) => `${name} ${factWords(name, fact)}`);
  return printable([...names, ...known].join(', '));
}

/** Hashes as far as they tell one thing from another; whoever needs all of it exports. */
function factWords(name: string, fact: AuditEntry['facts'][string]): string {
  if (name === 'expires' && typeof fact === 'number') return toRfc3339(fact);
  if (typeof fact === 'string' && /^[0-9a-f]{64}$/.test(fact)) return `${fact.slice(0, 16)}...`;
  return Array.isArray(fact) ? fact.join(' ') : String(fact);
}
