/** The endpoints that follow the feed, or hold a lease, with a certificate that an order concerns: they are cut off with it. */
import type { Holder } from './endpoints.ts';
import type { RevocationOrder } from './revocation-ledger.ts';
import type { ServerParts } from './server-parts.ts';

export async function endpointsUnder(
  { endpoints, inventory }: Pick<ServerParts, 'endpoints' | 'inventory'>,
  { serialNumber, name, scope }: Pick<RevocationOrder, 'serialNumber' | 'name' | 'scope'>,
): Promise<readonly Holder[]> {
  const holders = endpoints.holders();
  const records = await inventory.bySerialNumber(holders.map((holder) => holder.serialNumber));
  return holders.filter((holder, index) => {
    const record = records[index];
    if (scope?.kind === 'identity' && holder.spiffeId === scope.identity) return true;
    if (scope?.kind === 'issuer') return record?.issuerKey === scope.issuerKey;
    return (
      holder.serialNumber === serialNumber ||
      (record !== undefined && name !== undefined && record.names.includes(name))
    );
  });
}
