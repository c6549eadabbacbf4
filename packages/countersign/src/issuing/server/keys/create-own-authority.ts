/** A new authority under a root of its own, before it is started for the first time: with the root's key beside it, or carried away from the start. */
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { createOwnHierarchy, type OwnHierarchy } from '../../authority/index.ts';
import { keyFiles } from './key-files.ts';
import { readKeyFolder, replaceKeyFolder, settleKeyFolder } from './key-folder.ts';
import { hierarchyContents } from './new-authority.ts';
import type { GivenPassphrase } from './passphrases.ts';

export interface OwnAuthorityOrder {
  /** The state directory; this process alone works in it. */
  readonly dir: string;
  readonly ledgerId: string;
  readonly trustDomain: string;
  readonly passphrase: GivenPassphrase | undefined;
  /** Called with root and issuer before anything of them is on this machine: it carries the root away, and its key does not stay. */
  readonly carryAway?: ((hierarchy: OwnHierarchy) => Promise<void>) | undefined;
  readonly clock: Clock;
}

export async function createOwnAuthority(order: OwnAuthorityOrder): Promise<OwnHierarchy> {
  const { dir, ledgerId, trustDomain, passphrase, carryAway, clock } = order;
  await settleKeyFolder(dir);
  if ((await readKeyFolder(dir)) !== undefined) throw new Refusal('CS-ISSUER-011', { dir });
  const hierarchy = createOwnHierarchy({ trustDomain, clock });
  const contents = hierarchyContents(hierarchy, { version: 1, trustDomain, ledger: ledgerId }, passphrase);
  if (carryAway === undefined) {
    await replaceKeyFolder(dir, contents);
    return hierarchy;
  }
  const { [keyFiles.rootKey]: _carried, ...staying } = contents;
  // The root first: without it nothing here could ever be renewed.
  await carryAway(hierarchy);
  await replaceKeyFolder(dir, staying);
  return hierarchy;
}
