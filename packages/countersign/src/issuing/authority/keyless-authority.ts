/** The certificates of an authority without any of its keys: enough to say what it would issue, and nothing can be issued with it. */
import { type Certificate, isKeyType, ownSignatureAlgorithm } from '../../identity/x509/index.ts';
import type { AuthorityKeys } from './authority-keys.ts';
import { KeyCertificate } from './key-certificate.ts';
import type { Signer } from './signer.ts';

export interface PublicHierarchy {
  readonly trustDomain: string;
  readonly issuer: Certificate;
  readonly above: readonly Certificate[];
  readonly anchor: Certificate;
}

export function keylessAuthority({ trustDomain, issuer, above, anchor }: PublicHierarchy): AuthorityKeys {
  const { publicKey } = issuer;
  const signer: Signer = {
    publicKey,
    signatureAlgorithm: ownSignatureAlgorithm(isKeyType(publicKey.type) ? publicKey.type : 'P-256'),
    sign: () => Promise.reject(new TypeError('there is no key here')),
  };
  return { trustDomain, anchor, above, issuer: new KeyCertificate(issuer, signer, [...above, anchor]) };
}
