/** A way to break a right chain in exactly one place, and which certificate of it. */
import type { CertificatePlan } from '../../../fixtures/planned-certificates.ts';
import { authoritiesOf, type Draft } from '../draft.ts';

export interface Flaw {
  readonly name: string;
  readonly clause: string;
  /** Whether others may not even read it, so that it cannot stand in one file with the sound ones. */
  readonly encoding?: true;
  /** Breaks the chain and answers which certificate is broken; `undefined` where this chain cannot be broken so. */
  apply(draft: Draft): CertificatePlan | undefined;
}

export function issued({ certificates, random }: Draft): CertificatePlan {
  return random.pick(certificates.slice(0, -1));
}

export function any({ certificates, random }: Draft): CertificatePlan {
  return random.pick(certificates);
}

export function authority(draft: Draft): CertificatePlan {
  return draft.random.pick(authoritiesOf(draft));
}

/** Changes one certificate and answers it. */
export function changed<Plan extends CertificatePlan | undefined>(
  plan: Plan,
  change: (plan: CertificatePlan) => void,
): Plan {
  if (plan !== undefined) change(plan);
  return plan;
}

export function withMore(plan: CertificatePlan, extension: Uint8Array): void {
  plan.more = [...(plan.more ?? []), extension];
}
