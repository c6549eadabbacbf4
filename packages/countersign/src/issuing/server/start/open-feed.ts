/** The feed, with the bundle as it is now, and signed by the key that the authority keeps for it. */
import { encodePem } from '../../../ground/encoding/index.ts';
import { type AuthorityKeys, issuerChain } from '../../authority/index.ts';
import type { Endpoints } from '../endpoints.ts';
import { Feed } from '../feed.ts';
import type { OwnCertificate } from '../own-certificate.ts';
import type { ServerLog } from '../server-event.ts';
import { type AuthorityServerOptions, defaultHeartbeatMs, defaultLeaseMs } from './options.ts';

/** Own choice: one may be late, and one lost. */
const heartbeatsOfALease = 3;

interface FeedParts {
  readonly options: AuthorityServerOptions;
  readonly keys: AuthorityKeys;
  readonly endpoints: Endpoints;
  readonly signing: OwnCertificate;
  readonly rootSha256: string;
  readonly log: ServerLog;
}

export async function openFeed({ options, keys, endpoints, signing, rootSha256, log }: FeedParts): Promise<Feed> {
  const { stores, clock, leaseMs = defaultLeaseMs } = options;
  const pem = (der: Uint8Array): string => encodePem('CERTIFICATE', der);
  const { trustDomain, anchor } = keys;
  // Nobody is subscribed yet: a bundle that differs from the last run's is among the changes that they have missed.
  await stores.revocations.establishBundle(
    { trustDomain, anchors: [pem(anchor.raw)], intermediates: issuerChain(keys).map(({ raw }) => pem(raw)) },
    clock.now(),
  );
  return Feed.open({
    ledger: stores.revocations,
    audit: stores.audit,
    recovery: stores.recovery,
    endpoints,
    authority: rootSha256,
    signer: () => {
      const { chain, privateKey } = signing.credential.current();
      const [certificate = new Uint8Array(), ...intermediates] = chain;
      // An endpoint from before a change of the issuer knows the old one alone.
      return { certificate, intermediates, sign: (data) => privateKey.sign(data) };
    },
    clock,
    // Often enough that a lease does not end between two of them.
    heartbeatMs: options.heartbeatMs ?? Math.min(defaultHeartbeatMs, Math.ceil(leaseMs / heartbeatsOfALease)),
    leaseMs,
    log,
  });
}
