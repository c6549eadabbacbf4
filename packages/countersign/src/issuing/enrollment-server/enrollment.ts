/** What the operations of this room share. */
import type { Clock } from '../../ground/clock/index.ts';
import type { Source } from '../../runtime/tls/index.ts';
import type { Authority, CertificateInventory, IssuedCertificate, Profile, ProfileSet } from '../authority/index.ts';
import { type RecentTokens, recentTokens } from './recent-tokens.ts';
import type { Recovery } from './recovery.ts';
import { sharedFlights, type SharedFlights } from './shared-flights.ts';
import { type TokenIds, untaggedIds } from './token-ids.ts';
import type { TokenVault } from './token-vault.ts';

export interface EnrollmentOptions {
  readonly authority: Authority;
  readonly tokens: TokenVault;
  readonly inventory: CertificateInventory;
  /** Set where the authority was restored from a backup. */
  readonly recovery?: Recovery | undefined;
  readonly clock: Clock;
  /** The profiles of whatever enrols here; each operation reads them once. */
  readonly profiles: Source<ProfileSet>;
  /** What else must hold for a certificate of this profile with these names to be had now; rejects where it does not. */
  readonly mayHave?: ((profile: Profile, names: readonly string[]) => Promise<void>) | undefined;
  /** The life of certificates of the default profile where the token does not say; default the profile's. */
  readonly lifeMs?: number | undefined;
  /** Default identifiers that tell nothing, each of which is looked for in the vault. */
  readonly tokenIds?: TokenIds | undefined;
}

export interface Enrollment extends EnrollmentOptions {
  /** First issuings under way, by token and key: two requests with both the same get one certificate. */
  readonly issuing: SharedFlights<IssuedCertificate>;
  readonly tokenIds: TokenIds;
  readonly recent: RecentTokens;
}

export function createEnrollment(options: EnrollmentOptions): Enrollment {
  return { ...options, issuing: sharedFlights(), tokenIds: options.tokenIds ?? untaggedIds, recent: recentTokens() };
}
