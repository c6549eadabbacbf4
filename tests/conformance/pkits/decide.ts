/** One PKITS case decided: the path that it names, processed as RFC 5280, section 6 says. */
import { isRefusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import {
  type Certificate,
  parseCertificate,
  type PathInput,
  validatePath,
  type Weakness,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { CannotRun } from '../runner-command.ts';
import type { PkitsCase, PkitsFolder } from './pkits-folder.ts';
import { refusedByLists } from './plain-lists.ts';
import { policyInputsOf } from './policy-inputs.ts';

export interface PkitsDecision {
  /** `failed`: a file is missing, or the library threw something that is no refusal. */
  readonly answer: 'accepted' | 'rejected' | 'failed';
  /** Why not accepted. */
  readonly because: string;
}

/** 2020: every certificate is valid then but those that a row of section 4.2 made not to be. Fixed, as they end in 2030. */
const moment = Date.UTC(2020, 0, 1);

/** Sections that are about paths, and yet have rows which only a list makes invalid. */
const sectionsWithLists: readonly string[] = ['4.5', '4.7'];

function needsLists({ num }: PkitsCase): boolean {
  return sectionsWithLists.includes(num.split('.').slice(0, 2).join('.'));
}

export function decidePkits(item: PkitsCase, folder: PkitsFolder, weak: readonly Weakness[]): PkitsDecision {
  const parsed = (name: string): Certificate => parseCertificate(folder.certificate(name));
  try {
    validatePath({
      ...pathOf(item.certs.map(parsed)),
      at: moment,
      purpose: 'any',
      verifySignature,
      // Some of its certificates break section 4, which forbids authorities to make them; section 6 says how they are processed.
      profile: 'rfc5280-section-6',
      policies: policyInputsOf(item.name),
      dangerouslyAllow: weak,
    });
    const because = needsLists(item)
      ? refusedByLists(item.certs.map(parsed), item.crls.map(folder.list), moment)
      : undefined;
    return because === undefined ? { answer: 'accepted', because: '' } : { answer: 'rejected', because };
  } catch (error) {
    if (isRefusal(error)) return { answer: 'rejected', because: error.message };
    if (error instanceof CannotRun) return { answer: 'failed', because: error.message };
    return { answer: 'failed', because: `no refusal, but ${String(error)}` };
  }
}

/** A certificate of the path that is refused on its own refuses the case. */
function pathOf([anchor, ...below]: readonly Certificate[]): Pick<PathInput, 'leaf' | 'intermediates' | 'anchors'> {
  const leaf = below.pop();
  if (anchor === undefined || leaf === undefined) throw new TypeError('a path has an anchor and an end-entity');
  return { leaf, intermediates: below.reverse(), anchors: [anchor] };
}
