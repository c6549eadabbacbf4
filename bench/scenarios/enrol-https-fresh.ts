/** A first certificate over HTTPS for a one-time token, durable, on a new connection each: the CPU time of the authority's process. */
import type { AbsentSubject, Goal, Subject } from '../frame/scenario.ts';
import { besideStepCa, sizes } from '../issuing/beside-step-ca.ts';
import { besideCfssl, cfsslNotes } from '../issuing/cfssl.ts';
import { floorNote } from '../issuing/floor-server.ts';
import { enrolling } from '../issuing/issuing-server.ts';

export { roundMs } from '../issuing/beside-step-ca.ts';

export const scenario = 'enrol-https-fresh';

const compared = besideStepCa(enrolling, false);
const cfssl = besideCfssl(false);
export const subjects: readonly Subject[] = [...compared.subjects, ...cfssl.subjects];
export const absent: readonly AbsentSubject[] = [...compared.absent, ...cfssl.absent];
export const goals: readonly Goal[] = compared.goals;
export const notes: readonly string[] = [sizes, floorNote, ...cfsslNotes];
