/** A connection to an authority that is authorized by its SPIFFE ID under the roots that are trusted, never by its address. */
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import { spiffeId } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import type { BundleSet } from '../../identity/spiffe/index.ts';
import {
  authorityId,
  type AuthorityConnection,
  type Deadline,
  longestConnectMs,
  meetAuthority,
} from '../../runtime/api/index.ts';
import { createDispatcher, type Credential, fixedSource, Trust } from '../../runtime/tls/index.ts';

export interface AuthorityLink {
  readonly url: string;
  readonly rootSha256: string;
  /** What vouches for the authority; its `home` is the authority's trust domain. */
  readonly bundles: BundleSet;
  /** What we present; absent at enrolment and after expiry, where the body of the request proves the caller. */
  readonly credential?: Credential;
  readonly clock: Clock;
}

/** Opens a connection, lets `use` speak on it, and closes it whatever happens. */
export async function withAuthority<T>(
  link: AuthorityLink,
  deadline: Deadline,
  use: (connection: AuthorityConnection) => Promise<T>,
): Promise<T> {
  const { clock, url, bundles, credential } = link;
  // No lease of revocations here: it is the authority that renews leases, so it must be reachable when they have ended.
  const trust = new Trust({ bundles: fixedSource(bundles), revocations: fixedSource(withoutRevocation), clock });
  const policy = spiffeId(authorityId(bundles.home));
  const common = { trust, clock, timeoutMs: longestConnectMs };
  const dispatcher =
    credential === undefined
      ? createDispatcher(policy, { ...common, serverAuthenticationOnly: true })
      : createDispatcher(policy, { ...common, credentials: fixedSource(credential) });
  try {
    return await use({ dispatcher, url });
  } catch (error) {
    throw await clockFirst(error, link, deadline);
  } finally {
    await dispatcher.destroy();
    trust.close();
  }
}

/** A wrong clock makes good certificates look expired: where the authority was refused, its own clock is asked before that is said. */
async function clockFirst(error: unknown, link: AuthorityLink, deadline: Deadline): Promise<unknown> {
  if (!isRefusal(error) || !isAboutTime(error) || deadline.signal.aborted) return error;
  try {
    await meetAuthority(link, link.clock, deadline);
  } catch (found) {
    if (isRefusal(found) && found.code === 'CS-CLOCK-001') return found;
  }
  return error;
}

function isAboutTime({ code }: Refusal): boolean {
  return code === 'CS-PEER-003' || code === 'CS-PEER-004' || code === 'CS-PATH-002' || code === 'CS-PATH-003';
}
