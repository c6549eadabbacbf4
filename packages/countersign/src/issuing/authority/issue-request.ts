/** What is asked of the authority. */
import type { Profile } from './profile.ts';

export interface IssueRequest {
  readonly profile: Profile;
  /** The names granted by a token, a record or the authority itself; never those of a certification request. */
  readonly names: readonly string[];
  /** SubjectPublicKeyInfo, DER, of a key that was shown to be held. */
  readonly publicKey: Uint8Array;
  /** Default the profile's. */
  readonly lifeMs?: number | undefined;
  /** Where the request came from; kept with the intent and the certificate. */
  readonly origin: string;
  /** The line of renewals that it continues; absent where it starts one. */
  readonly lineage?: string | undefined;
}

/** The points at which a crash is tested. */
export type IssueStep = 'intent-recorded' | 'signed' | 'stored';
