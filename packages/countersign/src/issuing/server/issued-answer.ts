/** An issued certificate as the API hands it out. */
import { encodePem } from '../../ground/encoding/index.ts';
import type { IssuedCredential } from '../../runtime/api/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { type AuthorityKeys, issuerChain, type IssuedCertificate, type ProfileSet } from '../authority/index.ts';

export interface AnswerFacts {
  readonly keys: AuthorityKeys;
  readonly profiles: ProfileSet;
  /** Where to come back to. */
  readonly url: string;
}

export function issuedAnswer(
  { keys, profiles, url }: AnswerFacts,
  { certificate, profile }: IssuedCertificate,
): IssuedCredential {
  const pem = (der: Uint8Array): string => encodePem('CERTIFICATE', der);
  return {
    certificates: [certificate, ...issuerChain(keys).map(({ raw }) => raw)].map(pem).join(''),
    roots: pem(keys.anchor.raw),
    trustDomain: keys.trustDomain,
    authority: url,
    rootSha256: sha256Hex(keys.anchor.raw),
    renewAfterExpirySeconds: (profiles.find(profile)?.renewAfterExpiryMs ?? 0) / 1000,
  };
}
