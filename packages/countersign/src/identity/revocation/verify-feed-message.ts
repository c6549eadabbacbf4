/** Verifying a feed message: who signed it, whether they may, and whether it is of the authority that is followed. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import type { Bundle } from '../spiffe/index.ts';
import {
  parseCertificate,
  validatePath,
  type Certificate,
  isKeyType,
  ownSignatureAlgorithm,
  type VerifySignature,
} from '../x509/index.ts';
import { feedSignatureInput, parseFeedEnvelope, type FeedEnvelope } from './feed-envelope.ts';
import type { FeedMessage } from './feed-message.ts';
import { parseFeedPayload } from './feed-payload.ts';
import { malformed } from './strict-fields.ts';
import { issuerKeyOf, type Sha256 } from './issuer-key.ts';
import type { RevocationView } from './revocation-view.ts';

export interface FeedVerification {
  /** Lower-case hex SHA-256 of the root of the authority that is followed. */
  readonly authority: string;
  /** The bundle of that authority's trust domain: the signer must chain to it. */
  readonly bundle: Bundle;
  /** What is known to be revoked: a feed key can be revoked, too. */
  readonly revocations: RevocationView;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly verifySignature: VerifySignature;
  readonly sha256: Sha256;
}

/** @throws CS-FEED-001 to -004 */
export function verifyFeedMessage(text: string, verification: FeedVerification): FeedMessage {
  const envelope = parseFeedEnvelope(text);
  const signer = entitledSigner(envelope, verification);
  const { publicKey } = signer;
  const signed = feedSignatureInput(envelope.payload);
  const algorithm = isKeyType(publicKey.type) ? ownSignatureAlgorithm(publicKey.type) : undefined;
  if (algorithm === undefined || !verification.verifySignature(publicKey, algorithm, signed, envelope.signature)) {
    throw new Refusal('CS-FEED-002', { signer: signer.subject.text });
  }
  // Parsed only now: nothing of an unsigned payload is looked at.
  const message = parseFeedPayload(envelope.payload);
  if (message.authority !== verification.authority) {
    throw new Refusal('CS-FEED-004', { expected: verification.authority, found: message.authority });
  }
  const found = 'bundle' in message ? message.bundle?.trustDomain : undefined;
  if (found !== undefined && found !== verification.bundle.trustDomain) {
    throw new Refusal('CS-FEED-004', { expected: verification.bundle.trustDomain, found });
  }
  return message;
}

function entitledSigner(envelope: FeedEnvelope, verification: FeedVerification): Certificate {
  const signer = readCertificate(envelope.signer);
  const presented = envelope.intermediates.map(readCertificate);
  try {
    const { certificates } = validatePath({
      leaf: signer,
      intermediates: [...verification.bundle.intermediates, ...presented],
      anchors: verification.bundle.anchors,
      at: verification.at,
      purpose: 'feed',
      verifySignature: verification.verifySignature,
    });
    refuseRevoked(certificates, verification);
    return signer;
  } catch (error) {
    if (!isRefusal(error) || error.code === 'CS-FEED-003') throw error;
    throw new Refusal('CS-FEED-003', { signer: signer.subject.text, reason: error.message }, { cause: error });
  }
}

function readCertificate(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw malformed('the certificates of a message can be read', error);
  }
}

function refuseRevoked(path: readonly Certificate[], { revocations, sha256 }: FeedVerification): void {
  const [signer] = path;
  const scope = revocations.scopeOf?.({
    identity: signer?.subjectAltName.uri[0],
    issuerKeys: () => path.slice(1).map((issuer) => issuerKeyOf(issuer, sha256)),
    notBefore: () => signer?.notBefore ?? 0,
  });
  if (scope !== undefined) throw new Refusal('CS-FEED-003', { signer: signer?.subject.text ?? '', reason: 'revoked' });
  for (const [index, certificate] of path.entries()) {
    const issuer = path[index + 1];
    if (issuer === undefined) return;
    if (revocations.isRevoked(issuerKeyOf(issuer, sha256), certificate.serialNumber) === undefined) continue;
    throw new Refusal('CS-FEED-003', { signer: certificate.subject.text, reason: 'revoked' });
  }
}
