/** A certification request as data. */
import { toHex } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { parseCertificationRequest, verifyCertificationRequest } from '../../identity/x509/index.ts';
import { sha256Hex, verifySignature } from '../../runtime/cryptography/index.ts';
import { signatureRemark } from './certificate-remarks.ts';
import { describeExtensions } from './describe-extensions.ts';
import { describeKey, keyRemark } from './describe-key.ts';
import type { RequestData } from './described.ts';
import { allNames, plainAttributes, plainNames } from './plain-names.ts';

export function describeRequest(bytes: Uint8Array): RequestData {
  const request = parseCertificationRequest(bytes);
  const signedByItsKey = holds(() => verifyCertificationRequest(request, verifySignature));
  const names = allNames(request.subjectAltName);
  const remarks = [
    signedByItsKey ? undefined : 'not signed by the key inside it: nothing shows that its sender holds the key',
    keyRemark(request.publicKey),
    signatureRemark(request.signatureAlgorithm, false),
    names.length === 0
      ? 'asks for no alternative names: most authorities refuse it, or leave the subject alone'
      : undefined,
  ];
  return {
    kind: 'request',
    // Another is refused in parsing (RFC 2986, 4.1); 0 means 1.
    version: 1,
    subject: request.subject.text,
    subjectAttributes: plainAttributes(request.subject),
    names,
    subjectAltName: plainNames(request.subjectAltName),
    publicKey: describeKey(request.publicKey),
    signatureAlgorithm: request.signatureAlgorithm,
    signature: toHex(request.signature),
    signedByItsKey,
    extensions: describeExtensions(request.extensions),
    sha256: sha256Hex(bytes),
    remarks: remarks.filter((remark) => remark !== undefined),
  };
}

function holds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
