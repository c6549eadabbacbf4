/** A new authority under a root of its own: root and issuer from one call. */
import type { Clock } from '../../ground/clock/index.ts';
import { generatePrivateKey } from '../../runtime/cryptography/index.ts';
import type { AuthorityKeys } from './authority-keys.ts';
import { KeyCertificate } from './key-certificate.ts';
import { authorityName, certifyIssuer, createRoot, type HeldKey, newMark } from './own-hierarchy.ts';
import { keySigner } from './signer.ts';

export interface OwnHierarchy {
  readonly root: HeldKey;
  readonly issuer: HeldKey;
}

export interface NewAuthority {
  readonly trustDomain: string;
  readonly clock: Clock;
}

/** With the private keys in hand, to be written where they will be kept. */
export function createOwnHierarchy({ trustDomain, clock }: NewAuthority): OwnHierarchy {
  const mark = newMark();
  const root = createRoot({ trustDomain, clock }, mark);
  const privateKey = generatePrivateKey('P-256');
  const certificate = certifyIssuer(root, {
    trustDomain,
    subject: authorityName(trustDomain, 'issuer', mark),
    publicKey: privateKey.publicKey.raw,
    clock,
  });
  return { root, issuer: { certificate, privateKey } };
}

/** In memory alone: the root's key is gone when it returns. */
export function createAuthority({ trustDomain, clock }: NewAuthority): AuthorityKeys {
  const { root, issuer } = createOwnHierarchy({ trustDomain, clock });
  const anchor = root.certificate;
  return {
    trustDomain,
    anchor,
    above: [],
    issuer: new KeyCertificate(issuer.certificate, keySigner(issuer.privateKey), [anchor]),
  };
}
