/** DNS names as identities: letters, digits and hyphens, lower case, no wildcard, no trailing dot. */

// RFC 1034, 3.5 with RFC 1123, 2.1; a name has at most 253 characters, a label 63.
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const longestName = 253;

/**
 * The name in lower case, or `undefined` where it is none that can be an identity.
 * A wildcard is none: an identity is one name (RFC 6125, 7.2 warns of them), and our authority issues none.
 */
export function canonicalDnsName(text: string): string | undefined {
  if (text.length > longestName) return undefined;
  // Only ASCII letters are folded: toLowerCase() also maps the Kelvin sign (U+212A) to "k".
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return lower.split('.').every((part) => label.test(part)) ? lower : undefined;
}
