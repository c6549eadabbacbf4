/** The certificates and revocation lists that PKCS#7 carries (SignedData, RFC 5652, 5.1); what it may have signed is not looked at. */
import {
  BerBudget,
  berToDer,
  contextConstructed,
  DerReader,
  readObjectIdentifier,
  readSmallInteger,
  tags,
  type PemBlock,
} from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';

const signedDataOid = '1.2.840.113549.1.7.2';

/** At least one block. Read as BER, which most makers of these files write. */
export function unpackPkcs7(bytes: Uint8Array, name: string): PemBlock[] {
  const der = berToDer(bytes, new BerBudget());
  const outer = DerReader.over(der, der.length);
  const info = outer.enter(tags.sequence);
  outer.finish();
  const type = readObjectIdentifier(info);
  if (type !== signedDataOid) throw new Refusal('CS-RUN-005', { input: name, found: `PKCS#7 of type ${type}` });
  const explicit = info.enter(contextConstructed(0));
  info.finish();
  const data = explicit.enter(tags.sequence);
  readSmallInteger(data);
  data.element(tags.set);
  data.element(tags.sequence);
  const blocks = [...members(data, 0, 'CERTIFICATE'), ...members(data, 1, 'X509 CRL')];
  data.element(tags.set);
  data.finish();
  if (blocks.length === 0) {
    throw new Refusal('CS-RUN-005', { input: name, found: 'PKCS#7 without certificates and revocation lists' });
  }
  return blocks;
}

/** Certificates of other forms (attribute certificates) have a tag of their own and are passed over. */
function members(data: DerReader, number: number, label: string): PemBlock[] {
  if (data.peek() !== contextConstructed(number)) return [];
  const list = data.enter(contextConstructed(number));
  const found: PemBlock[] = [];
  while (!list.done) {
    const plain = list.peek() === tags.sequence;
    const element = list.element();
    if (plain) found.push({ label, bytes: element });
  }
  return found;
}
