/** What describing an object needs beside its octets. */
import type { InspectedCertificate } from '../../identity/x509/index.ts';
import type { PassphraseSource } from '../input/passphrase.ts';

export interface DescribeContext {
  readonly passphrases: PassphraseSource;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The certificates of the input in the order in which they were described. */
  readonly seen: InspectedCertificate[];
}
