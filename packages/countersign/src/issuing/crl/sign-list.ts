/** One list made and signed at once, for an issuer that revokes little: a root. */
import { concatBytes } from '../../ground/encoding/index.ts';
import type { KeyCertificate } from '../authority/index.ts';
import { encodeListPieces, type ListFields, signedPieces } from './list-encoding.ts';

/** CertificateList, DER. */
export async function signWholeList(
  { facts, signList }: { facts: KeyCertificate['facts']; signList: KeyCertificate['signList'] },
  fields: ListFields,
): Promise<Uint8Array> {
  const toBeSigned = encodeListPieces(facts, fields);
  return concatBytes(signedPieces(toBeSigned, facts.signatureAlgorithm, await signList(toBeSigned)));
}
