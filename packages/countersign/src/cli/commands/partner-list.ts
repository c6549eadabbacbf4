/** `partner list`: the partners, with their states and the ends of their certificates. */
import { printable } from '../../ground/errors/index.ts';
import type { ListedPartner } from '../../runtime/api/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { expiryText, limitsText, routesText, stateText } from '../partner-text.ts';
import { table } from '../text/table.ts';

export function run(call: Call): Promise<number> {
  return withAuthority(call, async (authority) => {
    const { output, world } = call;
    const shown: ListedPartner[] = [];
    let after: string | undefined;
    do {
      const page = await authority.listPartners(after === undefined ? {} : { after });
      for (const partner of page.partners) output.event('partner', { ...partner });
      shown.push(...page.partners);
      after = page.next;
    } while (after !== undefined && !output.closed);
    if (!output.json) output.say(listing(shown, world.clock.now()));
    output.result({ count: shown.length });
    return 0;
  });
}

function listing(partners: readonly ListedPartner[], now: number): string {
  if (partners.length === 0) return ' no partners; the first one: countersign partner invite NAME';
  const rows = partners.map((partner) => ({
    cells: [partner.name, partner.state, String(partner.valid), expiryText(partner, now), limitsText(partner)],
    below: [
      `routes ${printable(routesText(partner))}`,
      ...(partner.reason === undefined ? [] : [stateText(partner)]),
    ].join('; '),
  }));
  return table(['PARTNER', 'STATE', 'CERTIFICATES', 'EXPIRES', 'LIMITS'], rows);
}
