/** A first certificate over HTTPS for a one-time token, durable, on a connection that is kept: the CPU time of the authority's process. */
import type { AbsentSubject, Goal, Subject } from '../frame/scenario.ts';
import { besideStepCa, sizes } from '../issuing/beside-step-ca.ts';
import { enrolling } from '../issuing/issuing-server.ts';

export { roundMs } from '../issuing/beside-step-ca.ts';

export const scenario = 'enrol-https-kept';

const compared = besideStepCa(enrolling, true);
export const subjects: readonly Subject[] = compared.subjects;
export const absent: readonly AbsentSubject[] = compared.absent;
export const goals: readonly Goal[] = compared.goals;
export const notes: readonly string[] = [sizes];
