/** Text from a peer made safe to print: control and bidirectional characters become visible escapes, and its length is bounded. */

// A terminal or log viewer would act on these, or hide them, instead of showing them: controls, formats (bidirectional and
// invisible ones among them), separators of lines and paragraphs, halves of surrogate pairs.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Characters of one fact; a name of RFC 5280 has at most 255, a SPIFFE ID 2048. */
const mostCharacters = 2100;

export function printable(text: string): string {
  const short = text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
  return short.replace(unsafe, visible);
}

function visible(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}
