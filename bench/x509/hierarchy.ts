/** What a path is validated from, made once for all subjects: end-entity, issuer and root in DER. */
import { twoSides } from '../frame/two-sides.ts';

export interface Hierarchy {
  readonly leaf: Uint8Array;
  readonly issuer: Uint8Array;
  readonly root: Uint8Array;
  /** The moment of validation, milliseconds since 1970. */
  readonly at: number;
}

export async function makeHierarchy(): Promise<Hierarchy> {
  const { client, root } = await twoSides();
  const [leaf, issuer] = client.chain;
  if (leaf === undefined || issuer === undefined) throw new Error('a credential without its issuer');
  return { leaf, issuer, root, at: Date.now() };
}
