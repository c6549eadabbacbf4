/** Another authority for a moment, in memory: it calls itself the same, and certifies the name of one of the services. */
import type { Clock } from '../../ground/clock/index.ts';
import {
  createAuthority,
  issuerChain,
  memoryLedger,
  openAuthority,
  serviceProfile,
} from '../../issuing/authority/index.ts';
import { generatePrivateKey } from '../../runtime/cryptography/index.ts';
import type { Credential } from '../../runtime/tls/index.ts';

export async function otherAuthorityCredential(trustDomain: string, name: string, clock: Clock): Promise<Credential> {
  const keys = createAuthority({ trustDomain, clock });
  const authority = await openAuthority({ keys, ledger: memoryLedger(), clock });
  const privateKey = generatePrivateKey('P-256');
  const { certificate } = await authority.issue({
    profile: serviceProfile,
    names: [name],
    publicKey: privateKey.publicKey.raw,
    origin: 'demonstration',
  });
  return { chain: [certificate, ...issuerChain(keys).map(({ raw }) => raw)], privateKey };
}
