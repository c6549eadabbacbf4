/** Partners for people. */
import { parseRfc3339 } from '../ground/clock/index.ts';
import { printable } from '../ground/errors/index.ts';
import type { ListedPartner } from '../runtime/api/index.ts';
import { formatDuration } from './text/duration.ts';

export function routesText({ routes }: Pick<ListedPartner, 'routes'>): string {
  if (routes === '*') return '*';
  return routes.length === 0 ? 'none' : routes.join(' ');
}

export function limitsText({ limits }: Pick<ListedPartner, 'limits'>): string {
  const { requestsPerSecond, burst, requestsPerDay, connections } = limits;
  const parts = [
    ...(requestsPerSecond === undefined ? [] : [`${String(requestsPerSecond)}/s`]),
    ...(burst === undefined ? [] : [`burst ${String(burst)}`]),
    ...(requestsPerDay === undefined ? [] : [`${String(requestsPerDay)}/d`]),
    ...(connections === undefined ? [] : [`${String(connections)} connections`]),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

export function expiryText({ notAfter }: Pick<ListedPartner, 'notAfter'>, now: number): string {
  if (notAfter === undefined) return 'none yet';
  return `in ${formatDuration((parseRfc3339(notAfter) ?? 0) + 1000 - now)}`;
}

export function stateText({ state, reason }: Pick<ListedPartner, 'state' | 'reason'>): string {
  return reason === undefined ? state : `${state} (${printable(reason)})`;
}
