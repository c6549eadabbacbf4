/** `token client ...` as data. */
import { authorityOptions, type Command } from './command.ts';

const clientArgument = { name: 'CLIENT', summary: 'its client_id', required: true, many: false } as const;

export const tokenClientAdd: Command = {
  name: 'token client add',
  group: 'authority',
  summary: 'register a client of the token issuer',
  about:
    'Who has a certificate with this one name, or for one of these keys, gets access tokens as this client from then on. It is kept in the authority and in its backups, beside the clients of the settings (tokenIssuer.clients), which go before. A client is changed by removing it and adding it again, which ends its tokens. Where two persons decide on what is issued, another one must approve.',
  arguments: [clientArgument],
  options: [
    ...authorityOptions,
    ...(['subject-dn', 'san-dns', 'san-uri', 'san-ip', 'san-email'] as const).map((name) => ({
      name,
      kind: 'text' as const,
      value: 'NAME',
      summary: `the name that its certificates carry: tls_client_auth_${name.replace('-', '_')}; exactly one of these, or --jwks`,
      default: 'none',
    })),
    {
      name: 'jwks',
      kind: 'path',
      value: 'FILE',
      summary:
        'its public keys, for certificates that nobody vouches for (where the settings say selfSigned: accepted)',
      default: 'none',
    },
    {
      name: 'scope',
      kind: 'text',
      value: 'SCOPE',
      many: true,
      summary: 'what it may ask for; may be given more than once',
      default: 'none',
    },
    {
      name: 'resource',
      kind: 'text',
      value: 'URL',
      many: true,
      summary: 'for which resource; may be given more than once, at least one is needed',
      default: '',
      required: true,
    },
  ],
  examples: [
    {
      line: 'countersign token client add acme --san-dns acme.test --resource https://api',
      shows: 'who has a certificate with that name',
    },
  ],
  result: ['clientId', 'issuer', 'proposal'],
};

export const tokenClientList: Command = {
  name: 'token client list',
  group: 'authority',
  summary: 'the clients of the token issuer',
  about:
    'Those of the settings and those that were added. Identities that are clients without registration (tokenIssuer.identities) are not among them.',
  arguments: [],
  options: [...authorityOptions],
  examples: [{ line: 'countersign token client list', shows: 'who may ask for which scopes' }],
  result: ['count'],
};

export const tokenClientRemove: Command = {
  name: 'token client remove',
  group: 'authority',
  summary: 'remove a client of the token issuer, and end its tokens',
  about:
    'It gets no token from then on, and introspection says of those that it has that they are not active, also where a client of the same name is added later. A resource that checks tokens without introspection takes them until they end (tokenIssuer.life). A client of the settings is removed there.',
  arguments: [clientArgument],
  options: [...authorityOptions],
  examples: [{ line: 'countersign token client remove acme-app', shows: 'no token of it is active any more' }],
  result: ['clientId'],
};

export const tokenClientCommands: readonly Command[] = [tokenClientAdd, tokenClientList, tokenClientRemove];
