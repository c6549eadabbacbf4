/** Every check of a peer that is not known, in their order; whoever passes them all is minted as a `VerifiedPeer`, here alone. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { canonicalDnsName, decide, type PeerPolicy } from '../../../identity/authorization/index.ts';
import { svidId } from '../../../identity/spiffe/index.ts';
import type { Certificate } from '../../../identity/x509/index.ts';
import type { Source } from '../trust/source.ts';
import { type Asked, requirePromised, requireStatus } from './ask-status.ts';
import { findPath, type PathQuestion } from './find-path.ts';
import { promisesStaple } from './must-staple.ts';
import { parseLeaf } from './parse-presented.ts';
import { peerRefusalOf } from './path-refusal.ts';
import { requireOutsideScopes, requireUnrevoked } from './revoked-peer.ts';
import { mintVerifiedPeer, type VerifiedPeer } from './verified-peer.ts';

export interface Question extends PathQuestion {
  readonly policy: Source<PeerPolicy>;
  /** DER. */
  readonly leaf: Uint8Array;
  readonly leafThumbprint: string;
  readonly asking: Asked;
}

/** Those whose certificates promise a staple. */
const stapling = new WeakSet<VerifiedPeer>();

/** Whether each of its connections has to bring a staple of its own. */
export function mustStaple(peer: VerifiedPeer): boolean {
  return stapling.has(peer);
}

export function verifyAnew(question: Question): VerifiedPeer {
  const leaf = parseLeaf(question.leaf);
  const subject = nameOf(leaf);
  try {
    const id = svidId(leaf);
    const { bundle, path } = findPath(leaf, id?.trustDomain, subject, question);
    const { certificates } = path;
    const keys = requireUnrevoked(certificates, subject, question.trust);
    requireOutsideScopes(leaf, { identity: id?.toString(), keys, subject }, question.trust.revocations.current());
    question.trust.requireFresh(subject, bundle.trustDomain);
    // A DNS name, address, URI or subject is scoped by no trust domain: only the home domain's authority is believed about them.
    const vouched = bundle.trustDomain === question.trust.bundles.current().home;
    const verified = mintVerifiedPeer({
      spiffeId: id?.toString(),
      trustDomain: bundle.trustDomain,
      // What is no DNS name, whatever the certificate calls it (a wildcard, a URI), is no identity that could be shown or compared.
      dnsNames: vouched ? leaf.subjectAltName.dns.flatMap((name) => canonicalDnsName(name) ?? []) : [],
      ipAddresses: vouched ? leaf.subjectAltName.ip : [],
      uris: vouched ? leaf.subjectAltName.uri : [],
      emails: vouched ? leaf.subjectAltName.email : [],
      hasSubject: vouched && leaf.subject.relativeNames.length > 0,
      serialNumber: leaf.serialNumber,
      issuerKey: (keys[0] ?? '').split(':')[0] ?? '',
      thumbprint: question.leafThumbprint,
      certificate: leaf.raw,
      notAfter: Math.min(...certificates.map(({ notAfter }) => notAfter)),
      epoch: question.trust.epoch,
      revocationKeys: keys,
    });
    requireAllowed(question.policy.current(), verified);
    if (question.peer === 'server' && promisesStaple(leaf)) {
      stapling.add(verified);
      requirePromised(path, subject, question);
    }
    // Last, since it may be asked of somebody else: of whom nothing else is wrong with.
    requireStatus(verified, { path, trustDomain: bundle.trustDomain, staple: question.asking.staple }, question);
    return verified;
  } catch (error) {
    if (!isRefusal(error) || error.code.startsWith('CS-PEER-')) throw error;
    throw peerRefusalOf(error, subject);
  }
}

export function requireAllowed(policy: PeerPolicy, verified: VerifiedPeer): void {
  const decision = decide(policy, verified);
  if (!decision.allowed) throw new Refusal('CS-PEER-007', { peer: verified.name, expected: decision.expected });
}

function nameOf(certificate: Certificate): string {
  const { uri, dns, ip } = certificate.subjectAltName;
  return uri[0] ?? dns[0] ?? ip[0] ?? (certificate.subject.text || `serial ${certificate.serialNumber}`);
}
