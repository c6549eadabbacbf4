/** No authority in two trust domains: of a certificate without a SPIFFE ID its authority alone says whose customer it names. */
import { equalBytes } from '../../../ground/encoding/index.ts';
import type { Bundle } from '../../../identity/spiffe/index.ts';
import { type Certificate, isKnownAlgorithm, sameName } from '../../../identity/x509/index.ts';
import { verifySignature } from '../../../runtime/cryptography/index.ts';
import type { ProblemList } from './problems.ts';

export function checkAnchors(bundles: ReadonlyMap<string, Bundle>, problems: ProblemList): void {
  const all = [...bundles.values()];
  all.forEach((bundle, at) => {
    for (const other of all.slice(0, at)) {
      const found = sharedBetween(bundle, other);
      if (found !== undefined)
        problems.sharedAuthority(['trust', bundle.trustDomain], {
          ...{ certificate: found.certificate.subject.text, other: other.trustDomain, problem: found.problem },
        });
    }
  });
}

interface Shared {
  readonly certificate: Certificate;
  readonly problem: string;
}

function sharedBetween(one: Bundle, other: Bundle): Shared | undefined {
  for (const mine of issuersOf(one))
    for (const theirs of issuersOf(other)) {
      if (equalBytes(mine.publicKey.raw, theirs.publicKey.raw))
        return { certificate: mine, problem: 'its key is in both' };
      if (isIssuedBy(mine, theirs))
        return { certificate: mine, problem: `it was certified by ${theirs.subject.text} of the other` };
      if (isIssuedBy(theirs, mine)) return { certificate: mine, problem: `it certified ${theirs.subject.text}` };
    }
  return undefined;
}

function issuersOf({ anchors, intermediates }: Bundle): readonly Certificate[] {
  return [...anchors, ...intermediates];
}

function isIssuedBy({ issuer, signatureAlgorithm, tbs, signature }: Certificate, by: Certificate): boolean {
  if (!isKnownAlgorithm(signatureAlgorithm)) return false;
  return sameName(issuer, by.subject) && verifySignature(by.publicKey, signatureAlgorithm, tbs, signature);
}
