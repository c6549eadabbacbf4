/** Cases of x509-limbo that are answered otherwise than it says, each with the reason. A case that no longer differs must go from here. */
import type { ProfileChoice } from './ask.ts';

export interface LimboDifference {
  readonly id: string;
  /** The run in which it differs. */
  readonly profile: ProfileChoice;
  /** What the library does. */
  readonly direction: 'accept' | 'reject';
  readonly reason: string;
}

export const knownDifferences: readonly LimboDifference[] = [];
