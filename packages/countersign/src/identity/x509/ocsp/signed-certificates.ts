/** The certificates that come with an OCSP signature, `[0] EXPLICIT SEQUENCE OF Certificate`: kept as they are, for whoever looks for a signer. */
import {
  concatBytes,
  contextConstructed,
  type DerReader,
  encodeElement,
  encodeExplicit,
  tags,
} from '../../../ground/encoding/index.ts';

/** DER, each; whether it is a certificate is seen where it is needed. */
export function readCertificatesField(fields: DerReader): Uint8Array[] {
  if (fields.done) return [];
  const explicit = fields.enter(contextConstructed(0));
  const list = explicit.enter(tags.sequence);
  explicit.finish();
  const certificates: Uint8Array[] = [];
  while (!list.done) certificates.push(list.element(tags.sequence));
  return certificates;
}

export function encodeCertificatesField(certificates: readonly Uint8Array[]): Uint8Array {
  if (certificates.length === 0) return new Uint8Array();
  return encodeExplicit(0, encodeElement(tags.sequence, concatBytes(certificates)));
}
