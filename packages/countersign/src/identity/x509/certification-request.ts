/** Certification requests (PKCS#10, RFC 2986) read from DER. */
import {
  contextConstructed,
  DerReader,
  readObjectIdentifier,
  readSmallInteger,
  requireSetOrder,
  tags,
} from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  algorithmFits,
  isKnownAlgorithm,
  isOutdated,
  type PublicKeyInfo,
  readPublicKeyInfo,
  readSignature,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
  type UnknownAlgorithm,
  type VerifySignature,
} from './algorithms.ts';
import { type DistinguishedName, readName } from './distinguished-name.ts';
import { decodeExtension, type Extension, extensionOids, readExtensions, readSubjectAltName } from './extensions.ts';
import { type GeneralNames, noNames } from './general-names.ts';
import { naming } from './naming.ts';

export interface CertificationRequest {
  readonly raw: Uint8Array;
  /** CertificationRequestInfo, DER: what the requester signed. */
  readonly signed: Uint8Array;
  readonly subject: DistinguishedName;
  readonly publicKey: PublicKeyInfo;
  readonly subjectAltName: GeneralNames;
  readonly extensions: readonly Extension[];
  readonly signatureAlgorithm: SignatureAlgorithm | UnknownAlgorithm;
  readonly signature: Uint8Array;
}

export const extensionRequestOid = '1.2.840.113549.1.9.14';

export function parseCertificationRequest(der: Uint8Array): CertificationRequest {
  const outer = DerReader.over(der);
  const request = outer.enter(tags.sequence);
  outer.finish();
  const signed = request.element(tags.sequence);
  const signatureAlgorithm = readSignatureAlgorithm(request);
  const signature = readSignature(request, signatureAlgorithm);
  request.finish();
  const info = DerReader.over(signed).enter(tags.sequence);
  if (readSmallInteger(info) !== 0)
    throw new Refusal('CS-X509-001', { rule: 'request version other than 0 (RFC 2986, 4.1)' });
  const subject = readName(info);
  const publicKey = readPublicKeyInfo(info);
  const extensions = readRequestedExtensions(info.enter(contextConstructed(0)));
  info.finish();
  const subjectAltName = decodeExtension(extensions, extensionOids.subjectAltName, readSubjectAltName) ?? noNames;
  return { raw: der, signed, subject, publicKey, subjectAltName, extensions, signatureAlgorithm, signature };
}

/** The extensions that the requester asks for (RFC 2985, 5.4.2); other attributes are passed over, as their meaning is the authority's to choose. */
function readRequestedExtensions(attributes: DerReader): Extension[] {
  const members: Uint8Array[] = [];
  while (!attributes.done) members.push(attributes.element(tags.sequence));
  requireSetOrder(attributes, members);
  const lists = members.map((member) => {
    const attribute = DerReader.over(member).enter(tags.sequence);
    const oid = readObjectIdentifier(attribute);
    const values = attribute.enter(tags.set);
    attribute.finish();
    if (oid !== extensionRequestOid) return undefined;
    const extensions = readExtensions(values.enter(tags.sequence));
    values.finish();
    return extensions;
  });
  const requested = lists.filter((list) => list !== undefined);
  if (requested.length > 1)
    throw new Refusal('CS-X509-001', { rule: 'two lists of requested extensions (RFC 2985, 5.4.2)' });
  return requested[0] ?? [];
}

/** Refuses a request that was not signed with the key inside it: whoever sends it does not show that he holds that key. */
export function verifyCertificationRequest(request: CertificationRequest, verifySignature: VerifySignature): void {
  const { signatureAlgorithm: algorithm, publicKey } = request;
  if (!isKnownAlgorithm(algorithm) || isOutdated(algorithm)) {
    throw new Refusal('CS-X509-002', { algorithm: `signature ${algorithm}` });
  }
  if (publicKey.type === 'other') throw new Refusal('CS-X509-002', { algorithm: `public key ${publicKey.oid}` });
  const fits = algorithmFits(algorithm, publicKey.type);
  if (!fits || !verifySignature(publicKey, algorithm, request.signed, request.signature)) {
    throw new Refusal('CS-X509-003', { subject: naming(request) });
  }
}
