/** A means beside the feed: what it does not know of certificates that the own authority's issuer issued, the feed does. */
import { issuerKeyOf } from '../../../identity/revocation/index.ts';
import type { BundleSet } from '../../../identity/spiffe/index.ts';
import { sameName } from '../../../identity/x509/index.ts';
import { sha256 } from '../../../runtime/cryptography/index.ts';
import type { BundleSource, CertificateStatus, StatusCheck, StatusQuestion } from '../../../runtime/tls/index.ts';

export function exceptOwn(check: StatusCheck, bundles: BundleSource): StatusCheck {
  return {
    ask: (question) => {
      const own = ownIssuers(bundles.current(), question);
      return check.ask(question).map((status, place) => (isLeft(status, own[place]) ? notCovered : status));
    },
    fetchFor: (question, signal) => check.fetchFor(question, signal),
    watch: (listener) => check.watch(listener),
    evidence: () => check.evidence(),
  };
}

const notCovered: CertificateStatus = { status: 'notCovered' };

/** What was said to be revoked counts, however old it is. */
function isLeft(status: CertificateStatus, isOwn: boolean | undefined): boolean {
  return isOwn === true && status.status === 'undetermined' && status.lastKnown !== 'revoked';
}

/** Of each certificate of the path, whether an issuer of the own authority issued it. */
function ownIssuers(bundles: BundleSet, { path: { certificates, anchor }, trustDomain }: StatusQuestion): boolean[] {
  if (trustDomain !== bundles.home) return [];
  const keys = keysOf(bundles);
  return certificates.map((_, place) => {
    const { publicKey } = certificates[place + 1] ?? anchor;
    return keys.has(issuerKeyOf({ publicKey }, sha256));
  });
}

const known = new WeakMap<BundleSet, ReadonlySet<string>>();

/** Those of the bundle's issuers that issued none of the others: above them are a corporate authority's, of which the feed knows nothing. */
function keysOf(bundles: BundleSet): ReadonlySet<string> {
  const remembered = known.get(bundles);
  if (remembered !== undefined) return remembered;
  const intermediates = bundles.get(bundles.home)?.intermediates ?? [];
  const own = intermediates.filter(({ subject }) => !intermediates.some(({ issuer }) => sameName(issuer, subject)));
  const keys = new Set(own.map((issuer) => issuerKeyOf(issuer, sha256)));
  known.set(bundles, keys);
  return keys;
}
