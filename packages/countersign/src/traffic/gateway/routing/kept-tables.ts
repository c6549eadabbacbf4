/** Tables of routes that were made already, by the very list that they were made of: of thousands in slices, ahead of the moment when they come into force. */
import type { RouteSettings } from '../configuration/gateway-file.ts';
import { RouteTable } from './route-table.ts';

const kept = new WeakMap<readonly RouteSettings[], RouteTable>();

export function routeTableOf(routes: readonly RouteSettings[]): RouteTable {
  const known = kept.get(routes);
  if (known !== undefined) return known;
  const table = new RouteTable(routes);
  kept.set(routes, table);
  return table;
}

export async function prepareRouteTable(routes: readonly RouteSettings[]): Promise<void> {
  if (!kept.has(routes)) kept.set(routes, await RouteTable.inTurns(routes));
}
