/** What endpoints remember of the log: the files beside their credentials, each held to what the authority has signed. */
import type { Certificate } from '../../identity/x509/index.ts';
import type { AuditWitness } from '../../runtime/audit/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { readAuditHead, type RememberedHead } from '../../traffic/revocation-sources/index.ts';
import { unprovenBecause } from './prove-witness.ts';

export interface WitnessFile extends RememberedHead {
  readonly name: string;
}

/** Whose log it is. */
export interface AuditHierarchy {
  readonly trustDomain: string;
  readonly roots: readonly Certificate[];
}

export interface UnprovenWitness {
  readonly name: string;
  readonly why: string;
}

export interface SortedWitnesses {
  readonly witnesses: readonly (WitnessFile & AuditWitness)[];
  /** Of the same authority, and not signed by it. */
  readonly unproven: readonly UnprovenWitness[];
  /** Of a root that this authority does not have; the log may still tell of it. */
  readonly others: readonly WitnessFile[];
}

export async function readWitnesses(files: readonly string[]): Promise<readonly WitnessFile[]> {
  return Promise.all(files.map(async (name) => ({ name, ...(await readAuditHead(name)) })));
}

export function sortWitnesses(files: readonly WitnessFile[], hierarchy: AuditHierarchy | undefined): SortedWitnesses {
  const witnesses: WitnessFile[] = [];
  const unproven: UnprovenWitness[] = [];
  const others: WitnessFile[] = [];
  for (const file of files) {
    const root = hierarchy?.roots.find(({ raw }) => sha256Hex(raw) === file.authority);
    if (hierarchy === undefined || root === undefined) {
      others.push(file);
      continue;
    }
    const why = unprovenBecause(file, { trustDomain: hierarchy.trustDomain, root });
    if (why === undefined) witnesses.push(file);
    else unproven.push({ name: file.name, why });
  }
  return { witnesses, unproven, others };
}
