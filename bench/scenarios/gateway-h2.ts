/** One small request over HTTP/2 through a gateway on a mutual TLS connection that is kept: the CPU time of the gateway's process. */
import type { AbsentSubject, Goal, Subject } from '../frame/scenario.ts';
import { comparedRelays } from '../gateway/compared-relays.ts';

export { leastOperations } from '../gateway/compared-relays.ts';
export { roundMs } from '../servers/compared.ts';

export const scenario = 'gateway-h2';

const compared = comparedRelays('h2');
export const subjects: readonly Subject[] = compared.subjects;
export const absent: readonly AbsentSubject[] = compared.absent;
export const goals: readonly Goal[] = compared.goals;
export const notes: readonly string[] = compared.notes;
