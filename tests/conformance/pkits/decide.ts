/** One PKITS case decided: the path that it names, processed as RFC 5280, section 6 says. */
import { isRefusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import {
  parseCertificate,
  type PathInput,
  validatePath,
  type Weakness,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { CannotRun } from '../runner-command.ts';
import type { PkitsCase, PkitsFolder } from './pkits-folder.ts';
import { policyInputsOf } from './policy-inputs.ts';

export interface PkitsDecision {
  /** `failed`: a file is missing, or the library threw something that is no refusal. */
  readonly answer: 'accepted' | 'rejected' | 'failed';
  /** Why not accepted. */
  readonly because: string;
}

/** 2020: every certificate is valid then but those that a row of section 4.2 made not to be. Fixed, as they end in 2030. */
const moment = Date.UTC(2020, 0, 1);

export function decidePkits(item: PkitsCase, folder: PkitsFolder, weak: readonly Weakness[]): PkitsDecision {
  try {
    validatePath({
      ...pathOf(item.certs.map(folder.certificate)),
      at: moment,
      purpose: 'any',
      verifySignature,
      // Some of its certificates break section 4, which forbids authorities to make them; section 6 says how they are processed.
      profile: 'rfc5280-section-6',
      policies: policyInputsOf(item.name),
      dangerouslyAllow: weak,
    });
    return { answer: 'accepted', because: '' };
  } catch (error) {
    if (isRefusal(error)) return { answer: 'rejected', because: error.message };
    if (error instanceof CannotRun) return { answer: 'failed', because: error.message };
    return { answer: 'failed', because: `no refusal, but ${String(error)}` };
  }
}

/** A certificate of the path that is refused on its own refuses the case. */
function pathOf(ders: readonly Uint8Array[]): Pick<PathInput, 'leaf' | 'intermediates' | 'anchors'> {
  const [anchor, ...below] = ders.map(parseCertificate);
  const leaf = below.pop();
  if (anchor === undefined || leaf === undefined) throw new TypeError('a path has an anchor and an end-entity');
  return { leaf, intermediates: below.reverse(), anchors: [anchor] };
}
