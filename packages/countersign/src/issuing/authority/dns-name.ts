/** The rule that a DNS name breaks, or `undefined`: letters, digits and hyphens in lower case, nothing else (RFC 1123 2.1, RFC 5890 2.3.1). */

/** RFC 1035, 2.3.4: 255 octets on the wire are 253 characters of text. */
const mostCharacters = 253;
/** RFC 1035, 2.3.4. */
const mostLabelCharacters = 63;

export function brokenDnsRule(name: string): string | undefined {
  if (name.length > mostCharacters) return `longer than ${mostCharacters} characters (RFC 1035 2.3.4)`;
  if (name.includes('*')) return 'wildcards are not issued: a name is one service';
  const labels = name.split('.');
  for (const label of labels) {
    const rule = brokenLabelRule(label);
    if (rule !== undefined) return rule;
  }
  // "1.2.3.4", "127.1" and "0x7f.1" are IPv4 addresses to the URL Standard (host parsing: "ends in a number"), so a last label must not be one.
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return 'ends in a number, so it reads as an IPv4 address';
  return undefined;
}

function brokenLabelRule(label: string): string | undefined {
  if (label === '') return 'an empty label: a dot at the start or the end, or two in a row';
  if (label.length > mostLabelCharacters)
    return `a label longer than ${mostLabelCharacters} characters (RFC 1035 2.3.4)`;
  if (/[A-Z]/.test(label)) return 'capital letters: names are compared as written, in lower case';
  if (!/^[a-z0-9-]+$/.test(label)) return 'a character other than a-z, 0-9 and "-" (RFC 1123 2.1)';
  if (label.startsWith('-') || label.endsWith('-')) return 'a label that starts or ends with "-" (RFC 1123 2.1)';
  // RFC 5890 2.3.1: "--" in the third and fourth place is reserved; "xn--" alone has a meaning.
  if (label.slice(2, 4) === '--' && !label.startsWith('xn--'))
    return 'a reserved label ("--" in third and fourth place, RFC 5890 2.3.1)';
  return undefined;
}
