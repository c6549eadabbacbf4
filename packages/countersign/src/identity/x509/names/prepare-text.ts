/** A name's text prepared for comparing (RFC 4518, as RFC 5280, 7.1 asks): case, compatibility forms and insignificant spaces folded. */

/** Of ASCII without runs of spaces: what nearly every name is. */
const plain = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

/** Mapped to nothing (RFC 4518, 2.2): control characters but the spaces among them, soft hyphens, variation selectors, zero widths. */
const nothing =
  // eslint-disable-next-line no-control-regex -- the characters of the RFC, by their numbers
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u06dd\u070f\u1806\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2063\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc]/g;

/** Mapped to a space (RFC 4518, 2.2): tabs, line ends and every separator of Unicode. */
const spaces = /[\t-\r\u0085\p{Z}]+/gu;

export function prepareText(text: string): string {
  if (plain.test(text)) return text.toLowerCase();
  const folded = text.replace(nothing, '').normalize('NFKC').toLowerCase().normalize('NFKC');
  return folded.replace(spaces, ' ').trim();
}
