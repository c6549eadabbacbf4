/** What an authority answers when it has issued a certificate: the same for enrolment and both renewals. */
import { z } from 'zod';

import { authorityUrl, pemText, sha256Text } from './fields.ts';

export interface IssuedCredential {
  /** The chain in PEM, end entity first, without the root. */
  certificates: string;
  /** The trust domain's roots in PEM. */
  roots: string;
  trustDomain: string;
  /** Where to renew. */
  authority: string;
  /** The pin for the next contact: SHA-256 of the root's DER, hexadecimal. */
  rootSha256: string;
  /** For how long after its notAfter the certificate can still be renewed with the old key. */
  renewAfterExpirySeconds: number;
}

export const issuedCredential: z.ZodType<IssuedCredential> = z.object({
  certificates: pemText,
  roots: z.string().min(1).max(262_144),
  trustDomain: z.string().min(1).max(255),
  authority: authorityUrl,
  rootSha256: sha256Text,
  renewAfterExpirySeconds: z.int().min(0),
});
