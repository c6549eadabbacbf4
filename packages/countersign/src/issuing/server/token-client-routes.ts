/** What administrators ask about the clients of the token issuer: those of the settings are looked at alone, those of the store also changed. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { isJsonObject } from '../../identity/bound-tokens/index.ts';
import {
  addTokenClient,
  type AddTokenClientResponse,
  type ClientMetadata,
  type ListedTokenClient,
  listTokenClients,
  removeTokenClient,
} from '../../runtime/api/index.ts';
import { readTokenClient } from '../token-issuer/index.ts';
import type { Actor } from '../../runtime/audit/index.ts';
import type { NamedOperation } from './approval/proposals.ts';
import { administrativeRoute, type Route } from './route.ts';
import type { ServerParts } from './server-parts.ts';

/** Own choices: a page is far below what an answer may have. */
const clientsOfAPage = 100;
const charactersOfAPage = 500_000;

export function tokenClientAdministration(parts: ServerParts): readonly Route[] {
  const { tokenClients, proposals, administrators } = parts;
  const addition: NamedOperation<ClientMetadata> = {
    name: 'token-client.add',
    execute: async (registration, actor) => {
      const { clientId } = await add(parts, registration, actor);
      return { client: clientId };
    },
  };
  proposals.register(addition);
  return [
    administrativeRoute('auditor', listTokenClients, async ({ after = '' }) => page(listed(parts), after)),
    administrativeRoute('operator', addTokenClient, async ({ registration }, caller) => {
      // As in the settings: where two persons decide on what is issued, one alone can not do it in this way either.
      if (administrators.current().personsFor('issuer') > 1) {
        const { clientId } = readTokenClient(registration);
        const what = [`access tokens for the client ${clientId}, as it is described`, JSON.stringify(registration)];
        const leave = await proposals.require(addition, { content: registration, roles: ['issuer'], what }, caller);
        if (leave !== 'go') return { clientId, proposal: leave };
      }
      return add(parts, registration, caller.actor);
    }),
    administrativeRoute('operator', removeTokenClient, async ({ clientId }, { actor }) => {
      // One that both have is removed here and goes on by the settings: to say "removed" would be wrong.
      if (ofSettings(parts).has(clientId))
        throw new Refusal('CS-OAUTH-013', { client: clientId, reason: 'it is one of the settings' });
      await tokenClients.remove(clientId, actor);
      return { clientId };
    }),
  ];
}

async function add(parts: ServerParts, registration: ClientMetadata, actor: Actor): Promise<AddTokenClientResponse> {
  const named = registration['client_id'];
  if (typeof named === 'string' && ofSettings(parts).has(named))
    throw new Refusal('CS-OAUTH-014', { client: named, where: 'the settings' });
  const { clientId } = await parts.tokenClients.add(registration, actor);
  const issuer = parts.tokenIssuerSettings()?.issuer;
  return { clientId, ...(issuer === undefined ? {} : { issuer }) };
}

function ofSettings({ tokenIssuerSettings }: ServerParts): ReadonlyMap<string, ListedTokenClient> {
  const clients = tokenIssuerSettings()?.clients ?? [];
  return new Map(
    clients.filter(isJsonObject).map((registration) => {
      const clientId = String(registration['client_id']);
      return [clientId, { clientId, from: 'settings', registration }];
    }),
  );
}

function listed(parts: ServerParts): readonly ListedTokenClient[] {
  const settings = ofSettings(parts);
  const added = parts.tokenClients.all().filter(({ clientId }) => !settings.has(clientId));
  return [
    ...settings.values(),
    ...added.map(({ clientId, registration, sinceMs }): ListedTokenClient => ({
      ...{ clientId, from: 'administrator', since: toRfc3339(sinceMs), registration },
    })),
  ].toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1));
}

function page(
  all: readonly ListedTokenClient[],
  after: string,
): { clients: ListedTokenClient[]; next?: string | undefined } {
  const from = all.findIndex(({ clientId }) => clientId > after);
  const clients: ListedTokenClient[] = [];
  let characters = 0;
  for (const client of from === -1 ? [] : all.slice(from, from + clientsOfAPage)) {
    characters += JSON.stringify(client).length;
    if (clients.length > 0 && characters > charactersOfAPage) break;
    clients.push(client);
  }
  const last = clients.at(-1);
  return last === undefined || last === all.at(-1) ? { clients } : { clients, next: last.clientId };
}
