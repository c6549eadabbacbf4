/** What the schema can not see of partners: whom they name, by which trust domain, and that each peer can be one of them alone. */
import { isRefusal } from '../../../ground/errors/index.ts';
import { identityText, readPartner } from '../../../identity/partners/index.ts';
import type { Place } from '../../../runtime/config/index.ts';
import type { GatewayFile, PartnerSettings } from './gateway-file.ts';
import type { ProblemList } from './problems.ts';

export function checkPartners({ partners, trust, routes }: GatewayFile, problems: ProblemList): void {
  const names = new Map<string, number>();
  const identities = new Map<string, { readonly partner: number; readonly place: Place }>();
  const known = routes.map(({ name }) => name);
  partners.forEach((partner, at) => {
    const first = names.get(partner.name);
    if (first === undefined) names.set(partner.name, at);
    else problems.twice(['partners', at, 'name'], partner.name, ['partners', first, 'name']);
    if (!Object.hasOwn(trust, partner.trust))
      problems.unknownName(['partners', at, 'trust'], 'trust domain', partner.trust, Object.keys(trust));
    partner.routes.forEach((route, number) => {
      if (route !== '*' && !known.includes(route))
        problems.unknownName(['partners', at, 'routes', number], 'route', route, known);
    });
    partner.who.forEach((who, number) => {
      const place = ['partners', at, 'who', number];
      checkWho(partner, number, place, problems);
      const whole = identityText({ trustDomain: partner.trust, ...who });
      const other = identities.get(whole);
      if (other === undefined) identities.set(whole, { partner: at, place });
      else if (other.partner !== at) problems.twice(place, 'this identity', other.place);
    });
  });
}

/** Read as every partner is; what is broken is told at its own place. */
function checkWho({ name, trust, who }: PartnerSettings, number: number, place: Place, problems: ProblemList): void {
  try {
    readPartner({ name, who: { trustDomain: trust, ...who[number] } });
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'CS-PARTNER-001') throw error;
    const { where, rule } = error.evidence;
    const field = String(where).split('.')[1];
    const known = field !== undefined && field !== 'trustDomain';
    problems.wrongValue(known ? [...place, field] : place, String(rule));
  }
}
