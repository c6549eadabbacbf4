/** One PKITS case decided: the path that it names, processed as RFC 5280, section 6 says. */
import { isRefusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import { checkPathByLists, HeldLists } from '../../../packages/countersign/src/identity/revocation/index.ts';
import {
  type Certificate,
  type CertificateList,
  parseCertificate,
  parseCertificateList,
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

const rules = {
  verifySignature,
  // Some of its certificates break section 4, which forbids authorities to make them; section 6 says how they are processed.
  profile: 'rfc5280-section-6',
} as const;

export function decidePkits(item: PkitsCase, folder: PkitsFolder, weak: readonly Weakness[]): PkitsDecision {
  const parsed = (name: string): Certificate => parseCertificate(folder.certificate(name));
  try {
    const certificates = item.certs.map(parsed);
    const path = validatePath({
      ...pathOf(certificates),
      ...rules,
      at: moment,
      purpose: 'any',
      policies: policyInputsOf(item.name),
      dangerouslyAllow: weak,
    });
    if (item.crls.length > 0) {
      const lists = new HeldLists(item.crls.flatMap((name) => readable(folder.list(name))));
      const question = { ...rules, path, lists, others: certificates, at: moment, dangerouslyAllow: weak };
      const { refusal } = checkPathByLists(question);
      if (refusal !== undefined) throw refusal;
    }
    return { answer: 'accepted', because: '' };
  } catch (error) {
    if (isRefusal(error)) return { answer: 'rejected', because: error.message };
    if (error instanceof CannotRun) return { answer: 'failed', because: error.message };
    return { answer: 'failed', because: `no refusal, but ${String(error)}` };
  }
}

/** A list that cannot be read says nothing of anybody. */
function readable(der: Uint8Array): CertificateList[] {
  try {
    return [parseCertificateList(der)];
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}

/** A certificate of the path that is refused on its own refuses the case. */
function pathOf([anchor, ...below]: readonly Certificate[]): Pick<PathInput, 'leaf' | 'intermediates' | 'anchors'> {
  const leaf = below.pop();
  if (anchor === undefined || leaf === undefined) throw new TypeError('a path has an anchor and an end-entity');
  return { leaf, intermediates: below.reverse(), anchors: [anchor] };
}
