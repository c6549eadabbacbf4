/** By which means a revocation that is made now reaches whom, and how long it may take at worst. */
import type { StatusMeans } from '../../../runtime/api/index.ts';
import type { ProfileSet } from '../../authority/index.ts';
import type { EndpointCounts } from './server-state.ts';

export interface MeansParts {
  readonly endpoints: EndpointCounts;
  readonly leaseMs: number;
  readonly profiles: ProfileSet;
}

export function revocationMeans({ endpoints, leaseMs, profiles }: MeansParts): StatusMeans[] {
  const { leased, continuing } = endpoints;
  const lifeSeconds = Math.max(...profiles.profiles.map(({ life }) => life.longestMs)) / 1000;
  const named = (what: 'crl' | 'ocsp'): StatusMeans[] => {
    const names = profiles.profiles.filter(({ revocation }) => revocation[what].length > 0).map(({ name }) => name);
    // How long a list or an answer is believed is said by it, and by who checks.
    return names.length === 0 ? [] : [{ means: what, whom: `who checks certificates of ${names.join(', ')}` }];
  };
  return [
    {
      means: 'feed',
      whom: `endpoints that refuse after their lease (${String(leased - continuing)})`,
      worstSeconds: leaseMs / 1000,
    },
    ...(continuing === 0
      ? []
      : [
          {
            means: 'feed' as const,
            whom: `endpoints that continue after their lease (${String(continuing)})`,
            worstSeconds: lifeSeconds,
          },
        ]),
    ...named('crl'),
    ...named('ocsp'),
    { means: 'none', whom: 'who follows no feed and checks nothing', worstSeconds: lifeSeconds },
  ];
}
