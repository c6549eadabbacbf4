/** Where a revocation, a hold or its end is in force, for people. */
import type { GatewayEnforcement, RevokeResponse } from '../runtime/api/index.ts';
import { beside } from './text/wrap.ts';

type Enforced = Pick<RevokeResponse, 'enforced' | 'of' | 'ms' | 'closed' | 'unreachable' | 'gateways'>;

/**
 * "enforced on 41 of 42 in 0.3 s; 12 connections closed; unreachable: db-7 (until 14:32)".
 * @param late what an endpoint that could not be reached may do until its lease ends
 */
export function enforcementText({ enforced, of, ms, closed, unreachable, gateways }: Enforced, late: string): string {
  const connections = `${closed} ${closed === 1 ? 'connection' : 'connections'} closed`;
  const where =
    of === 0 ? 'no endpoint was listening' : `enforced on ${enforced} of ${of} in ${(ms / 1000).toFixed(2)} s`;
  const line = ` ${where}; ${connections}; unreachable: ${unreachable.length === 0 ? 'none' : unreachable.length}`;
  return [
    line,
    ...unreachable.flatMap(({ name, leaseEnds }) => beside(name, `${late} until ${leaseEnds}`, 3, 30)),
    ...(gateways === undefined ? [] : gatewaysText(gateways)),
  ].join('\n');
}

/** "at gateways: 2 of 2 in 0.1 s; 3 connections and 1 request closed". */
function gatewaysText({ enforced, of, ms, closed, unreachable }: GatewayEnforcement): readonly string[] {
  const { connections, requests } = closed;
  const what = `${connections} ${connections === 1 ? 'connection' : 'connections'} and ${requests} ${requests === 1 ? 'request' : 'requests'}`;
  return [
    ` at gateways: ${enforced} of ${of} in ${(ms / 1000).toFixed(2)} s; ${what} closed`,
    ...unreachable.flatMap(({ name, lastHeard }) => beside(name, `unreachable since ${lastHeard}`, 3, 30)),
  ];
}

export function certificatesText(count: number): string {
  return `${count} ${count === 1 ? 'certificate' : 'certificates'}`;
}
