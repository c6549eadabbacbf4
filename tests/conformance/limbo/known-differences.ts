/** Cases of x509-limbo that are answered otherwise than it says, each with the reason. An entry without a case that differs must go from here. */
import type { LimboProfile, ProfileChoice } from './ask.ts';

export interface LimboDifference {
  readonly id: string;
  /** The runs in which it differs. */
  readonly profiles: readonly ProfileChoice[];
  /** What the library does. */
  readonly direction: 'accept' | 'reject';
  readonly reason: string;
}

export const knownDifferences: readonly LimboDifference[] = [
  {
    id: 'cve::cve-2024-0567',
    profiles: ['asked', 'rfc5280', 'webpki'],
    direction: 'reject',
    reason:
      'its anchor is cross-signed and has no authorityKeyIdentifier, for which rfc5280::aki::cross-signed-root-missing-aki asks to be refused: only one of the two can be met, and the stricter is',
  },
  {
    id: 'webpki::nc::nc-permits-dns-san-pattern',
    profiles: ['asked', 'webpki'],
    direction: 'reject',
    reason:
      'its common name, example.com, is none of its alternative names (*.example.com), for which BR 7.1.4.3 and webpki::cn::not-in-san ask to be refused',
  },
];

/** Cases made for the other profile, where all are run in one. */
export interface ForeignDifference {
  /** Ids that start so. */
  readonly prefix: string;
  readonly profile: LimboProfile;
  readonly direction: 'accept' | 'reject';
  readonly reason: string;
}

export const foreignDifferences: readonly ForeignDifference[] = [
  { prefix: 'webpki::', profile: 'rfc5280', direction: 'accept', reason: 'a rule of the public Web, not of RFC 5280' },
];
