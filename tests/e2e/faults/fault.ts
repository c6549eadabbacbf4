/** One fault as the table holds it: how it is brought about, met and taken away again, and what a person is told. */
import type { RefusalCode } from '../../../packages/countersign/src/ground/errors/index.ts';
import type { House } from './house.ts';
import type { Met } from './met.ts';

export interface Fault {
  /** As the person would tell it to a colleague. */
  readonly name: string;
  /** What was typed, or asked over HTTPS. */
  readonly typed: string;
  /** Absent: nothing is refused; `instead` says what happens. */
  readonly code?: RefusalCode;
  readonly instead?: string;
  /** Exit status, or HTTP status where it was asked over HTTPS. */
  readonly status: number;
  /** The facts of this fault, over and above what the registry says of the code: each must be told. For the page, in words. */
  readonly told: string;
  readonly words: readonly RegExp[];
  /** That which helps against this very fault stands in the text. */
  readonly remedy?: RegExp;
  /** Why it can not be brought about here; it is then skipped, and said so. */
  readonly skip?: (() => string | undefined) | undefined;
  /** Brings it about for real and meets it. */
  readonly meet: (house: House) => Promise<Met>;
  /** Takes it away, and requires that nothing was lost. */
  readonly after: (house: House) => Promise<void>;
}
