/** As whom an authority presents itself: clients authorize it by this SPIFFE ID, never by its address. */

export function authorityId(trustDomain: string): string {
  return `spiffe://${trustDomain}${reservedPath}authority`;
}

/** SPIFFE IDs under this path are the authority's own; nobody else is given one. */
export const reservedPath = '/countersign/';
