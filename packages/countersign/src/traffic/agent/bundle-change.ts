/** What a renewal's answer changes in the trust that it comes with. */
import { equalBytes } from '../../ground/encoding/index.ts';
import type { Bundle } from '../../identity/spiffe/index.ts';
import { sameCertificates } from '../../identity/x509/index.ts';
import type { HeldCredential } from '../enrollment/index.ts';

/**
 * The bundle with what a renewal brought; `undefined` where it brought nothing new. The feed writes the same bundle and may know
 * more by now, so only what changed from one answer to the next counts.
 */
export function changedBundle(
  bundle: Bundle | undefined,
  before: HeldCredential,
  held: HeldCredential,
): Bundle | undefined {
  const known = bundle?.intermediates ?? [];
  const added = held.intermediates.filter(({ raw }) => !known.some((other) => equalBytes(other.raw, raw)));
  const sameRoots = sameCertificates(before.roots, held.roots);
  if (bundle !== undefined && sameRoots && added.length === 0) return undefined;
  const stillValid = known.filter(({ notAfter }) => notAfter + 1000 > held.receivedAt);
  return {
    trustDomain: held.trustDomain,
    anchors: bundle === undefined || !sameRoots ? held.roots : bundle.anchors,
    intermediates: [...stillValid, ...added],
    sequence: (bundle?.sequence ?? 0) + 1,
  };
}
