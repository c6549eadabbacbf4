/** Colours by meaning, or none. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

const same = (text: string): string => text;

const sequence =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;

export const plain: Paint = { good: same, bad: same, strong: same, faint: same };

/** The terminal's own palette, so that it stays readable on dark and light grounds. */
export const colourful: Paint = {
  good: sequence(32, 39),
  bad: sequence(31, 39),
  strong: sequence(1, 22),
  faint: sequence(2, 22),
};
