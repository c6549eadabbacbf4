/** Issuers that were replaced, whose keys are needed still; those that are not are removed. */
import type { Clock } from '../../../ground/clock/index.ts';
import { type CertificateInventory, listFolder } from '../../authority/index.ts';
import { retiredFiles } from './key-files.ts';
import { readKeyFolder, replaceKeyFolder } from './key-folder.ts';
import type { RetiredIssuer } from './load-keys.ts';

/** Its entry stands in one list more (RFC 5280, 3.3), and endpoints' clocks may be behind. Own choice: as long as lists live by default. */
const afterTheLastMs = 24 * 3_600_000;

/** @param dir the state directory, in which this process alone works */
export async function keepRetired(
  dir: string,
  retired: readonly RetiredIssuer[],
  { inventory, clock }: { readonly inventory: Pick<CertificateInventory, 'lastEnd'>; readonly clock: Clock },
): Promise<readonly RetiredIssuer[]> {
  const needed: RetiredIssuer[] = [];
  const over: string[] = [];
  for (const one of retired) {
    const { issuerKey, certificate, facts } = one.issuer;
    const lastMs = await inventory.lastEnd(issuerKey);
    const isOver = lastMs === undefined || Math.min(lastMs, facts.notAfterMs) + afterTheLastMs < clock.now();
    if (isOver) over.push(listFolder(certificate.publicKey.raw));
    // Beyond its own end it can sign nothing that anybody believes.
    else if (facts.notAfterMs > clock.now()) needed.push(one);
  }
  if (over.length > 0) await remove(dir, over);
  return needed;
}

async function remove(dir: string, marks: readonly string[]): Promise<void> {
  const gone = new Set(marks.map(retiredFiles).flatMap(({ chain, key }) => [chain, key]));
  const contents = Object.entries((await readKeyFolder(dir)) ?? {});
  await replaceKeyFolder(dir, Object.fromEntries(contents.filter(([name]) => !gone.has(name))));
}
