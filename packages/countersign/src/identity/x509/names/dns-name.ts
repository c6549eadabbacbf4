/** DNS names as certificates hold them (RFC 5280, 4.2.1.6; RFC 1034, 3.5; RFC 1123, 2.1). */

/** Octets of a name and of a label (RFC 1035, 2.3.4). */
const mostOctets = 253;
const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
/** The underscore is no part of a host's name, and yet in use. */
const form = new RegExp(`^${label}(?:\\.${label})*$`);

export function isDnsName(text: string): boolean {
  return text.length <= mostOctets && form.test(text);
}

/** Letters of ASCII alone: elsewhere two characters can share one lower case (the Kelvin sign and "k"). */
export function asciiLowerCase(text: string): string {
  return /[A-Z]/.test(text) ? text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : text;
}
