/** What two sides of a mutual TLS connection need, made once for all subjects of a scenario. */
import { createAuthority, issuerChain, memoryLedger, openAuthority, serviceProfile } from 'countersign/authority';
import { systemClock } from 'countersign/clock';
import { generatePrivateKey } from 'countersign/cryptography';
import { BundleSet } from 'countersign/spiffe';
import type { Credential } from 'countersign/tls';

export interface TwoSides {
  readonly client: Credential;
  readonly server: Credential;
  readonly bundles: BundleSet;
  /** DER. */
  readonly root: Uint8Array;
  /** Another certificate of the client, with its key: a peer that no endpoint has seen yet. */
  anotherClient(): Promise<Credential>;
}

export async function twoSides(): Promise<TwoSides> {
  const trustDomain = 'bench.internal';
  const keys = createAuthority({ trustDomain, clock: systemClock });
  const authority = await openAuthority({ keys, ledger: memoryLedger(), clock: systemClock });
  const credential = async (name: string, privateKey = generatePrivateKey('P-256')): Promise<Credential> => {
    const { certificate } = await authority.issue({
      profile: serviceProfile,
      names: [`spiffe://${trustDomain}/${name}`, `${name}.internal`],
      publicKey: privateKey.publicKey.raw,
      origin: `bench:${name}`,
    });
    return { chain: [certificate, ...issuerChain(keys).map(({ raw }) => raw)], privateKey };
  };
  const bundle = {
    trustDomain,
    anchors: [keys.anchor],
    intermediates: issuerChain(keys),
    sequence: 1,
  };
  const client = await credential('web');
  return {
    client,
    anotherClient: () => credential('web', client.privateKey),
    server: await credential('orders'),
    bundles: new BundleSet(trustDomain, [bundle]),
    root: keys.anchor.raw,
  };
}
