/** An RSAPublicKey (RFC 8017, A.1.1) as the SubjectPublicKeyInfo that certificates hold. */
import {
  concatBytes,
  encodeBitString,
  encodeElement,
  encodeOid,
  encodeSequence,
  tags,
} from '../../ground/encoding/index.ts';

const rsaEncryption = '1.2.840.113549.1.1.1';

export function rsaPublicKeyInfo(key: Uint8Array): Uint8Array {
  const algorithm = encodeSequence(concatBytes([encodeOid(rsaEncryption), encodeElement(tags.null, new Uint8Array())]));
  return encodeSequence(algorithm, encodeBitString(key));
}
