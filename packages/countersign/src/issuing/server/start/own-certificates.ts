/** The two certificates that the authority issues to itself: of its server, and of its feed. */
import { type Authority, authorityServerProfile, feedSigningProfile } from '../../authority/index.ts';
import { keepOwnCertificate, type OwnCertificate } from '../own-certificate.ts';
import { ownNames } from '../own-names.ts';
import type { ServerLog } from '../server-event.ts';
import type { AuthorityServerOptions } from './options.ts';

export interface OwnCertificates {
  readonly server: OwnCertificate;
  readonly feed: OwnCertificate;
  /** Those that begin later are added. */
  readonly all: OwnCertificate[];
}

export async function keepOwnCertificates(
  authority: Authority,
  host: string,
  options: AuthorityServerOptions,
  log: ServerLog,
): Promise<OwnCertificates> {
  const { clock, ownLifeMs } = options;
  const { trustDomain } = authority;
  const [server, feed] = await Promise.all([
    keepOwnCertificate({
      authority,
      profile: authorityServerProfile,
      names: ownNames(trustDomain, host, authority.keys.issuer.facts),
      lifeMs: ownLifeMs,
      clock,
      log,
    }),
    keepOwnCertificate({
      authority,
      profile: feedSigningProfile,
      names: [`spiffe://${trustDomain}/countersign/feed`],
      clock,
      log,
    }),
  ]);
  return { server, feed, all: [server, feed] };
}
