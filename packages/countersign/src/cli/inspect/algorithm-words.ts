/** Signature algorithms by the names that people know: also those that nothing here verifies. */

/** RFC 3279, 2.2.1; RFC 5758, 3; RFC 8410, 3; RFC 4055, 5. */
const others: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.2', 'md2WithRSAEncryption'],
  ['1.2.840.113549.1.1.4', 'md5WithRSAEncryption'],
  ['1.2.840.113549.1.1.14', 'sha224WithRSAEncryption'],
  ['1.2.840.113549.1.1.10', 'RSASSA-PSS of unusual parameters'],
  ['1.2.840.10045.4.3.1', 'ecdsa-with-SHA224'],
  ['2.16.840.1.101.3.4.3.1', 'dsa-with-SHA224'],
  ['1.3.101.113', 'Ed448'],
]);

/** "md5WithRSAEncryption (1.2.840.113549.1.1.4)"; what is known here stays as it is. */
export function algorithmWords(algorithm: string): string {
  const oid = algorithm.replace(/^oid /, '');
  const name = others.get(oid);
  return name === undefined ? algorithm : `${name} (${oid})`;
}
