/** `partner show`: one partner with each of its certificates. */
import { printable } from '../../ground/errors/index.ts';
import type { ListedCertificate, ListedPartner } from '../../runtime/api/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { limitsText, routesText, stateText } from '../partner-text.ts';
import { beside } from '../text/wrap.ts';

/** The most that the authority gives at once; a partner has a few. */
const mostShown = 1000;

export function run(call: Call): Promise<number> {
  return withAuthority(call, async (authority) => {
    const { output } = call;
    const [name = ''] = call.arguments;
    const [partner] = (await authority.listPartners({ name })).partners;
    if (partner === undefined) return 3;
    const { certificates } = await authority.listCertificates({ name: partner.spiffeId, limit: mostShown });
    output.say(text(partner, certificates));
    output.result({ partner: { ...partner }, certificates: certificates.map((one) => ({ ...one })) });
    return 0;
  });
}

function text(partner: ListedPartner, certificates: readonly ListedCertificate[]): string {
  const { name, spiffeId, contacts, invitedAt, changedAt } = partner;
  const line = (label: string, value: string): string[] => beside(label, printable(value), 1, 14);
  return [
    ...line('partner', name),
    ...line('identity', spiffeId),
    ...line('state', `${stateText(partner)} since ${changedAt}`),
    ...line('routes', routesText(partner)),
    ...line('limits', limitsText(partner)),
    ...line('contacts', contacts.length === 0 ? 'none' : contacts.join(' ')),
    ...line('invited', invitedAt),
    ...(certificates.length === 0 ? line('certificates', 'none yet') : []),
    ...certificates.flatMap(({ serial, status, notAfter }) =>
      line('certificate', `${serial} ${status} until ${notAfter}`),
    ),
  ].join('\n');
}
