/** Ways to break a right chain in exactly one place, each with the clause that forbids it. */
import { constraintFlaws } from './flaws/constraints.ts';
import { encodingFlaws } from './flaws/encodings.ts';
import { extensionFlaws } from './flaws/extensions.ts';
import type { Flaw } from './flaws/flaw.ts';
import { nameFlaws } from './flaws/names.ts';
import { policyFlaws } from './flaws/policies.ts';
import { authorityFlaws, timeFlaws, usageFlaws } from './flaws/roles.ts';
import { signatureFlaws } from './flaws/signatures.ts';

export const flaws: readonly Flaw[] = [
  ...signatureFlaws(),
  ...timeFlaws(),
  ...authorityFlaws(),
  ...usageFlaws(),
  ...nameFlaws(),
  ...constraintFlaws(),
  ...policyFlaws(),
  ...extensionFlaws(),
  ...encodingFlaws(),
];
