/** What endpoints remember of the log: the files beside their credentials. */
import type { AuditWitness } from '../../runtime/audit/index.ts';
import { readAuditHead } from '../../traffic/revocation-sources/index.ts';

export interface WitnessFile extends AuditWitness {
  /** SHA-256 of the root of the authority whose log it is about. */
  readonly authority: string;
}

export async function readWitnesses(files: readonly string[]): Promise<readonly WitnessFile[]> {
  return Promise.all(
    files.map(async (name) => {
      const { authority, sequence, hash } = await readAuditHead(name);
      return { name, authority, sequence, hash };
    }),
  );
}
