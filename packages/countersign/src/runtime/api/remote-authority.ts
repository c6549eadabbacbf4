/** The authority over mutual TLS, with an administrator's certificate. */
import { type Clock, systemClock } from '../../ground/clock/index.ts';
import { spiffeId } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import type { BundleSet } from '../../identity/spiffe/index.ts';
import { createDispatcher, type Credential, fixedSource, Trust } from '../tls/index.ts';
import { administer, type AdministeredAuthority } from './administered-authority.ts';
import { authorityId } from './authority-id.ts';
import { longestConnectMs, startDeadline } from './deadline.ts';
import { exchange } from './exchange.ts';

export interface RemoteAuthority {
  /** `https://host:port`. */
  readonly url: string;
  readonly credential: Credential;
  /** What vouches for the authority; its `home` is the authority's trust domain. */
  readonly bundles: BundleSet;
  /** Default the machine's. */
  readonly clock?: Clock | undefined;
}

export function openRemoteAuthority(options: RemoteAuthority): AdministeredAuthority {
  const { url, credential, bundles, clock = systemClock } = options;
  // No lease of revocations: the authority is asked itself.
  const trust = new Trust({ bundles: fixedSource(bundles), revocations: fixedSource(withoutRevocation), clock });
  const policy = spiffeId(authorityId(bundles.home));
  const credentials = fixedSource(credential);
  const dispatcher = createDispatcher(policy, { trust, clock, credentials, timeoutMs: longestConnectMs });
  return administer(
    async (operation, request, limitMs) => {
      const deadline = startDeadline(clock, limitMs);
      try {
        return (await exchange(operation, request, { dispatcher, url }, deadline)).value;
      } finally {
        deadline.cancel();
      }
    },
    async () => {
      await dispatcher.destroy();
      trust.close();
    },
  );
}
