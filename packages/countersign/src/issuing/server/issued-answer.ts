/** An issued certificate as the API hands it out. */
import { encodePem } from '../../ground/encoding/index.ts';
import type { IssuedCredential } from '../../runtime/api/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import {
  type AuthorityKeys,
  enrolledProfile,
  issuerChain,
  type IssuedCertificate,
  type ProfileSet,
} from '../authority/index.ts';

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
  const { chain, roots, rootSha256 } = standingOf(keys);
  return {
    certificates: `${encodePem('CERTIFICATE', certificate)}${chain}`,
    roots,
    trustDomain: keys.trustDomain,
    authority: url,
    rootSha256,
    renewAfterExpirySeconds: (enrolledProfile(profiles, profile)?.renewAfterExpiryMs ?? 0) / 1000,
  };
}

/** What is the same in every answer under these keys. */
interface Standing {
  /** PEM, as `roots` is. */
  readonly chain: string;
  readonly roots: string;
  readonly rootSha256: string;
}

const standings = new WeakMap<AuthorityKeys, Standing>();

function standingOf(keys: AuthorityKeys): Standing {
  const known = standings.get(keys);
  if (known !== undefined) return known;
  const standing = {
    chain: issuerChain(keys)
      .map(({ raw }) => encodePem('CERTIFICATE', raw))
      .join(''),
    roots: encodePem('CERTIFICATE', keys.anchor.raw),
    rootSha256: sha256Hex(keys.anchor.raw),
  };
  standings.set(keys, standing);
  return standing;
}
