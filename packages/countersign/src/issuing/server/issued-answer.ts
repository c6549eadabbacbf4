/** An issued certificate as the API hands it out. */
import { encodePem } from '../../ground/encoding/index.ts';
import type { IssuedCredential } from '../../runtime/api/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { AuthorityKeys, IssuedCertificate, Profile } from '../authority/index.ts';

export interface AnswerFacts {
  readonly keys: AuthorityKeys;
  /** That of the certificate. */
  readonly profile: Profile;
  /** Where to come back to. */
  readonly url: string;
}

export function issuedAnswer(
  { keys, profile, url }: AnswerFacts,
  { certificate }: IssuedCertificate,
): IssuedCredential {
  const [leaf, issuer, root] = [certificate, keys.issuer.certificate.raw, keys.root.certificate.raw].map((der) =>
    encodePem('CERTIFICATE', der),
  );
  return {
    certificates: `${leaf ?? ''}${issuer ?? ''}`,
    roots: root ?? '',
    trustDomain: keys.trustDomain,
    authority: url,
    rootSha256: sha256Hex(keys.root.certificate.raw),
    renewAfterExpirySeconds: profile.renewAfterExpiryMs / 1000,
  };
}
