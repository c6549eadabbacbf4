/** One new mutual TLS connection with one answered request, key exchange with X25519MLKEM768: the CPU time of the server's process. */
import type { AbsentSubject, Goal, Subject } from '../frame/scenario.ts';
import { comparedHandshakes } from '../servers/compared.ts';

export { leastOperations, roundMs } from '../servers/compared.ts';

export const scenario = 'handshake-hybrid';

const compared = comparedHandshakes('X25519MLKEM768');
export const subjects: readonly Subject[] = compared.subjects;
export const absent: readonly AbsentSubject[] = compared.absent;
export const goals: readonly Goal[] = compared.goals;
export const notes: readonly string[] = compared.notes;
