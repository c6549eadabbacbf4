/** The value of an option that is a number. */
import { Refusal } from '../../ground/errors/index.ts';
import type { OptionValues } from '../option-values.ts';

/** `undefined` where it was not given. @param least the smallest that makes sense */
export function countOption(options: OptionValues, name: string, least: number, most: number): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return count;
  const expected = `a whole number from ${least} to ${most}`;
  throw new Refusal('CS-USAGE-003', { option: `--${name}`, value: text, expected });
}
