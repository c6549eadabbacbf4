/** Text from a peer made safe to print: control and bidirectional characters become visible escapes, and its length is bounded. */

// A terminal or log viewer would act on these instead of showing them: C0, DEL, C1, line separators, bidirectional controls.
// eslint-disable-next-line no-control-regex -- control characters are what this looks for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Characters of one fact; a name of RFC 5280 has at most 255, a SPIFFE ID 2048. */
const mostCharacters = 2100;

export function printable(text: string): string {
  const short = text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
  return short.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
