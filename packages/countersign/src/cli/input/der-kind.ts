/** What kind of object DER is, told by the tags of its first fields: what nobody wrote a label on. */
import { DerReader, equalBytes, readObjectIdentifier, tags } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';

/** ContentInfo of SignedData (RFC 5652, 5.1). */
const signedDataOid = '1.2.840.113549.1.7.2';

/** As labels of PEM (RFC 7468); those of OCSP and PKCS#12, which have none there, by their names. */
export type DerKind =
  | 'CERTIFICATE'
  | 'CERTIFICATE REQUEST'
  | 'X509 CRL'
  | 'OCSP REQUEST'
  | 'OCSP RESPONSE'
  | 'PKCS12'
  | 'PKCS7'
  | 'PRIVATE KEY'
  | 'EC PRIVATE KEY'
  | 'RSA PRIVATE KEY'
  | 'DSA PRIVATE KEY'
  | 'ENCRYPTED PRIVATE KEY'
  | 'PUBLIC KEY'
  | 'RSA PUBLIC KEY';

/** Of BER with lengths left open, which DER does not allow and makers of PKCS#12 and PKCS#7 write: SEQUENCE, then the first field. */
const openBeginnings: readonly (readonly [readonly number[], DerKind])[] = [
  [[0x30, 0x80, 0x02, 0x01, 0x03], 'PKCS12'],
  [[0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02], 'PKCS7'],
];

/** @throws CS-DER-001 where it is no DER at all; `undefined` where it is, and of no kind known here */
export function derKind(bytes: Uint8Array): DerKind | undefined {
  const open = openBeginnings.find(([octets]) =>
    equalBytes(bytes.subarray(0, octets.length), Uint8Array.from(octets)),
  )?.[1];
  if (open !== undefined) return open;
  const outer = DerReader.over(bytes, bytes.length);
  const body = outer.contents(tags.sequence);
  outer.finish();
  const fields = tagsOf(body);
  const known = byFields.find(([form]) => form.test(fields));
  if (known !== undefined) return known[1];
  if (fields.startsWith('06 a0') && firstOid(body) === signedDataOid) return 'PKCS7';
  return fields.startsWith('30') ? signedKind(body) : undefined;
}

/** Tags of the fields of the outer SEQUENCE, a space after each. */
const byFields: readonly (readonly [RegExp, DerKind])[] = [
  // RFC 7292, 4; its version is 3, and an integer with a sequence after it begins a PKCS#8 key, too.
  [/^02=03 30 (30 )?$/, 'PKCS12'],
  // RFC 5958, 2; RFC 5915, 3; RFC 8017, A.1.2 and A.1.1.
  [/^02=0[01] 30 04 /, 'PRIVATE KEY'],
  [/^02=01 04 /, 'EC PRIVATE KEY'],
  [/^02=00 (02\S* ){8}$/, 'RSA PRIVATE KEY'],
  [/^02=00 (02\S* ){5}$/, 'DSA PRIVATE KEY'],
  [/^02\S* 02\S* $/, 'RSA PUBLIC KEY'],
  // RFC 6960, 4.2.1.
  [/^0a\S* (a0 )?$/, 'OCSP RESPONSE'],
  // RFC 5958, 3; RFC 5280, 4.1.2.7.
  [/^30 04 $/, 'ENCRYPTED PRIVATE KEY'],
  [/^30 03 $/, 'PUBLIC KEY'],
];

/** Tags of the fields of what is signed: RFC 5280, 4.1 and 5.1; RFC 2986, 4.1; RFC 6960, 4.1.1. */
const bySignedFields: readonly (readonly [RegExp, DerKind])[] = [
  [/^02=00 30 30 (a0 )?$/, 'CERTIFICATE REQUEST'],
  [/^(02\S* )?30 30 (17|18) /, 'X509 CRL'],
  [/^a0 02/, 'CERTIFICATE'],
  [/^02\S* 30 30 30 30 30 /, 'CERTIFICATE'],
  [/^(a0 )?(a1 )?30 (a2 )?$/, 'OCSP REQUEST'],
];

function signedKind(body: Uint8Array): DerKind | undefined {
  const signed = DerReader.over(body, body.length).contents(tags.sequence);
  const fields = tagsOf(signed);
  return bySignedFields.find(([form]) => form.test(fields))?.[1];
}

/** "02=03 30 ": with the value of an integer of one octet. Enough fields to tell; the eleventh and further ones of no known kind differ. */
function tagsOf(contents: Uint8Array): string {
  const reader = DerReader.over(contents, contents.length);
  let text = '';
  for (let field = 0; field < 10 && !reader.done; field += 1) {
    const tag = reader.peek() ?? 0;
    const element = reader.element();
    const small = (tag === tags.integer || tag === tags.enumerated) && element.length === 3;
    text += small ? `${hex(tag)}=${hex(element[2] ?? 0)} ` : `${hex(tag)} `;
  }
  return text;
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}

function firstOid(body: Uint8Array): string | undefined {
  try {
    return readObjectIdentifier(DerReader.over(body, body.length));
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
