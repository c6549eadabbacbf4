/** `token client list`: the clients of the token issuer, those of the settings and those that were added. */
import { printable } from '../../ground/errors/index.ts';
import type { ListedTokenClient } from '../../runtime/api/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { table } from '../text/table.ts';

export function run(call: Call): Promise<number> {
  return withAuthority(call, async (authority) => {
    const { output } = call;
    const shown: ListedTokenClient[] = [];
    let after: string | undefined;
    do {
      const page = await authority.listTokenClients(after === undefined ? {} : { after });
      for (const client of page.clients) output.event('client', { ...client });
      shown.push(...page.clients);
      after = page.next;
    } while (after !== undefined && !output.closed);
    if (!output.json) output.say(listing(shown));
    output.result({ count: shown.length });
    return 0;
  });
}

function listing(clients: readonly ListedTokenClient[]): string {
  if (clients.length === 0) return ' no clients; the first one: countersign token client add CLIENT';
  const rows = clients.map(({ clientId, from, since, registration }) => ({
    cells: [
      printable(clientId),
      from === 'settings' ? 'the settings' : `since ${since ?? ''}`,
      shownName(registration),
    ],
    below: `${textOf(registration['scope'] ?? 'no scopes')}; ${textOf(registration['resources'])}`,
  }));
  return table(['CLIENT', 'FROM', 'CERTIFICATE'], rows);
}

function shownName(registration: ListedTokenClient['registration']): string {
  const state = registration['state'] === 'suspended' ? 'suspended; ' : '';
  const name = Object.entries(registration).find(([key]) => /^tls_client_auth_/.test(key));
  if (name === undefined) return `${state}one of its keys`;
  return `${state}${name[0].slice('tls_client_auth_'.length).replace('_', ' ')} ${textOf(name[1])}`;
}

function textOf(value: unknown): string {
  return printable(Array.isArray(value) ? value.map(String).join(' ') : String(value));
}
