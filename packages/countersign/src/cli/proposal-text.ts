/** A proposal as people read it: what will happen, who has agreed, who may. */
import { printable } from '../ground/errors/index.ts';
import { parseRfc3339 } from '../ground/clock/index.ts';
import type { Proposal } from '../runtime/api/index.ts';
import type { Fields } from './output/output.ts';
import { formatDuration } from './text/duration.ts';
import { beside } from './text/wrap.ts';

export function proposalText(proposal: Proposal, nowMs: number): string {
  const { id, operation, what, roles, needed, agreed, state, expiresAt } = proposal;
  const leftMs = (parseRfc3339(expiresAt) ?? 0) - nowMs;
  const until = state === 'open' && leftMs > 0 ? `, for ${formatDuration(leftMs)} more` : '';
  const who = agreed.length === 0 ? 'nobody yet' : agreed.map(({ name, at }) => `${name} (${at})`).join(', ');
  return [
    ` ${id}  ${operation}: ${state}${until}`,
    ...what.flatMap((line) => beside('-', printable(line), 3, 6)),
    ...beside('agreed', `${String(agreed.length)} of ${String(needed)}: ${printable(who)}`, 3, 14),
    ...beside('may agree', `who has the ${roles.length === 1 ? 'role' : 'roles'} ${roles.join(' and ')}`, 3, 14),
    ...beside('content', proposal.contentSha256, 3, 14),
  ].join('\n');
}

export function proposalFields(proposal: Proposal): Fields {
  return { ...proposal };
}
