/** The next certificate over mutual TLS, durable, on a connection that is kept: the CPU time of the authority's process. */
import type { AbsentSubject, Goal, Subject } from '../frame/scenario.ts';
import { besideStepCa, sizes } from '../issuing/beside-step-ca.ts';
import { floorNote } from '../issuing/floor-server.ts';
import { renewing } from '../issuing/issuing-server.ts';

export { roundMs } from '../issuing/beside-step-ca.ts';

export const scenario = 'renew-mtls-kept';

const compared = besideStepCa(renewing, true);
export const subjects: readonly Subject[] = compared.subjects;
export const absent: readonly AbsentSubject[] = compared.absent;
export const goals: readonly Goal[] = compared.goals;
export const notes: readonly string[] = [
  sizes,
  floorNote,
  'step-ca takes no request when it renews: the key stays, and nothing is verified but the handshake',
];
