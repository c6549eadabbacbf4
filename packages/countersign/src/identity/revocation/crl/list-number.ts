/** cRLNumber and BaseCRLNumber compared, which have up to 20 octets (RFC 5280, 5.2.3). */

/** @param a upper-case hexadecimal digits, whole octets without zeros before; as is `b` */
export function compareNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
