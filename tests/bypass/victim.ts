/** Who is to be impersonated, in every scenario: `web`, by its SPIFFE ID or its DNS name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  anyOf,
  dnsName,
  type PeerPolicy,
  spiffeId,
} from '../../packages/countersign/src/identity/authorization/index.ts';
import { type Certificate, readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import { parsePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';

export function victimId(authority: TestAuthority): string {
  return `spiffe://${authority.trustDomain}/web`;
}

export const victimDnsName = 'web.internal';

export function onlyTheVictim(authority: TestAuthority): PeerPolicy {
  return anyOf(spiffeId(victimId(authority)), dnsName(victimDnsName));
}

/** The keys of a running authority, from its state directory: an attack may have what a lax authority would sign. */
export function authorityOf(dir: string, trustDomain: string): TestAuthority {
  const read = (file: string): string => readFileSync(join(dir, 'authority', file), 'utf8');
  return new TestAuthority({
    trustDomain,
    keys: {
      root: only(readCertificatesPem(read('root.pem'))),
      rootKey: parsePrivateKey(read('root.key.pem')),
      issuer: only(readCertificatesPem(read('issuer.pem'))),
      issuerKey: parsePrivateKey(read('issuer.key.pem')),
    },
  });
}

function only([certificate]: readonly Certificate[]): Certificate {
  if (certificate === undefined) throw new Error('a certificate was expected');
  return certificate;
}
