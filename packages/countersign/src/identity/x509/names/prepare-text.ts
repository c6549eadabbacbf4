/** A name's text prepared for comparing (RFC 4518, as RFC 5280, 7.1 asks): case, compatibility forms and insignificant spaces folded. */

/** What nearly every name is: characters of ASCII other than controls, and no run of spaces nor one at either end. */
const unplain = /[^ -~]|^ | {2}| $/;

/**
 * Mapped to nothing (RFC 4518, 2.2): control characters but the spaces among them, soft hyphens, variation selectors, zero widths.
 * What is prohibited (2.4: private use, for one) or newer than that RFC's Unicode is compared as it is, not refused: a name that an
 * authority excludes must not escape by such a character.
 */
const nothing =
  // eslint-disable-next-line no-control-regex -- the characters of the RFC, by their numbers
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u06dd\u070f\u1806\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2063\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/gu;

/** Mapped to a space (RFC 4518, 2.2): tabs, line ends and every separator of Unicode. */
const spaces = /[\t-\r\u0085\p{Z}]/gu;

/** A space before a combining mark carries the mark and is none (RFC 4518, 2.6.1). */
const runOfSpaces = /(?: (?!\p{M}))+/gu;

/** Most scripts have one case; U+FDFA alone is 18 letters of theirs. */
const cased = /\p{Changes_When_Casemapped}/gu;

/**
 * Marks in a row, and what becomes one: normalizing sorts them, in quadratic time. A joiner, before which none is moved, ends the row
 * after 30, as Unicode's Stream-Safe Text Format does (UAX #15, 13); no language has a quarter as many.
 */
const rowOfMarks = /[\p{M}\uff9e\uff9f]{30}(?=[\p{M}\uff9e\uff9f])/gu;
const joiner = '\u034f';

export function prepareText(text: string): string {
  if (!unplain.test(text)) return text.toLowerCase();
  const bounded = text.replace(nothing, '').replace(spaces, ' ').replace(rowOfMarks, `$&${joiner}`);
  const mapped = bounded.normalize('NFKC');
  const folded = mapped.replace(cased, foldCase).normalize('NFKC');
  return folded
    .replace(runOfSpaces, ' ')
    .replace(/^ (?!\p{M})/u, '')
    .replace(/ $/, '');
}

/** Full case folding (RFC 3454, B.2) of one character: by itself, since a text's last sigma would become another letter. */
function foldCase(character: string): string {
  const lower = character.toLowerCase();
  // Its capital is the I of others, but it folds to itself.
  if (lower === '\u0131') return lower;
  return Array.from(lower.toUpperCase(), (capital) => capital.toLowerCase()).join('');
}
