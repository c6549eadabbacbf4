/** The token issuer of an authority: a listener of its own where the settings ask for one, whose clients follow them. */
import { join } from 'node:path';

import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { auditEvent } from '../../../runtime/audit/index.ts';
import { durationMs, ensurePrivateDirectory } from '../../../runtime/config/index.ts';
import { defaultCrowd, type RequestHandler, type Source, type Trust } from '../../../runtime/tls/index.ts';
import { authorityServerProfile, isPermitted } from '../../authority/index.ts';
import {
  createTokenServer,
  openRevokedTokens,
  type RevokedTokens,
  TokenIssuer,
  TokenKeys,
  tokenFolder,
  tokenKeysFolder,
} from '../../token-issuer/index.ts';
import { listenRefusal } from '../listen-refusal.ts';
import { keepOwnCertificate, type OwnCertificate } from '../own-certificate.ts';
import { ownNames, ownUrl } from '../own-names.ts';
import type { ServerParts } from '../server-parts.ts';
import type { AuthoritySettings } from '../settings/authority-settings.ts';
import {
  clientSetOf,
  resourceServersOf,
  tokenIssuerPlace,
  type TokenIssuerSettings,
} from '../settings/token-issuer-settings.ts';
import { followListener } from './followed-listener.ts';
import type { Endings } from './options.ts';

export interface TokenIssuing {
  readonly settings: Source<AuthoritySettings>;
  readonly parts: ServerParts;
  /** On which the certificates of clients rest: that of the authority's own server. */
  readonly trust: Trust;
  /** Under which the authority's own keys are; `undefined` where they are under none. */
  readonly passphrase: () => Promise<string | undefined>;
  readonly began: (own: OwnCertificate) => void;
}

interface Wanted {
  readonly host: string;
  readonly port: number;
  /** Hosts by which clients reach it. */
  readonly names: readonly string[];
  readonly selfSigned: 'accepted' | 'refused';
}

interface Kept {
  readonly keys: TokenKeys;
  readonly revoked: RevokedTokens;
}

/** Before the authority serves, like the other listeners. Answers where it is now. */
export async function issueTokens(issuing: TokenIssuing, endings: Endings): Promise<() => string | undefined> {
  const { settings, parts, trust } = issuing;
  const { clock, log } = parts;
  const held: { kept?: Kept; issuer?: TokenIssuer } = {};
  endings.push(() => held.kept?.keys.close());
  const describe = (section: TokenIssuerSettings | undefined): void => {
    if (section !== undefined && held.kept !== undefined) held.issuer = issuerOf(section, held.kept, issuing);
  };
  const handler: RequestHandler = (request, response) => held.issuer?.handler(request, response);
  const listener = await followListener<Wanted, { readonly url: string; close(): Promise<void> }>({
    what: 'the token issuer',
    settings,
    wanted: ({ tokenIssuer }) => tokenIssuer && wantedBy(tokenIssuer),
    open: async ({ host, port, names, selfSigned }) => {
      held.kept ??= await openKept(issuing);
      describe(settings.current().tokenIssuer);
      const own = await ownCertificate(issuing, host, names);
      const server = createTokenServer(
        // Whoever the authority vouches for: which of them gets what is said by the settings.
        allowAnyPeer(),
        {
          ...{ trust, clock, credentials: own.credential, crowd: defaultCrowd() },
          onRefusal: (refusal, { address }) => log({ event: 'refused', refusal, endpoint: 'token issuer', address }),
          onClosed: (refusal, { address }) =>
            log({ event: 'refused', refusal, endpoint: 'live connection of the token issuer', address }),
        },
        { selfSigned, handler },
      );
      try {
        const at = await server.listen({ host, port });
        const close = async (): Promise<void> => {
          own.close();
          await server.close({ graceMs: 2_000 });
        };
        return { url: ownUrl(host, at.port), close };
      } catch (error) {
        own.close();
        throw listenRefusal(error, `${host}:${String(port)}`);
      }
    },
    place: ({ host, port }) => (port === 0 ? undefined : `${host}:${String(port)}`),
    where: ({ url }) => url,
    log,
  });
  endings.push(() => listener.close());
  // After the listener's own watcher, and for what it does not look at: clients, scopes, resources, how long tokens live.
  endings.push(settings.watch(({ tokenIssuer }) => describe(tokenIssuer)));
  return () => listener.current()?.url;
}

function issuerOf(section: TokenIssuerSettings, { keys, revoked }: Kept, { parts, trust }: TokenIssuing): TokenIssuer {
  const { issuer, endpoints, life, selfSigned = 'refused' } = section;
  const clients = clientSetOf(section, parts.tokenClients);
  const { clock, log, epoch } = parts;
  return new TokenIssuer({
    ...{ issuer, keys, revoked, trust, clock, selfSigned },
    countFromMs: epoch?.restoredAtMs,
    ...(endpoints !== undefined && { endpoints }),
    ...(life !== undefined && { lifeMs: durationMs(life) }),
    clients: { current: () => clients, watch: () => () => undefined },
    resourceServers: resourceServersOf(section),
    onRefusal: (refusal) => log({ event: 'refused', refusal, endpoint: 'token issuer', address: 'not known' }),
  });
}

async function openKept({ parts, passphrase }: TokenIssuing): Promise<Kept> {
  const { clock, log, audit, keyPlace } = parts;
  const folder = join(keyPlace.dir, tokenFolder);
  const secret = await passphrase();
  await ensurePrivateDirectory(folder);
  const actor = { kind: 'authority', name: '' } as const;
  const keys = await TokenKeys.open({
    ...{ dir: join(folder, tokenKeysFolder), clock },
    ...(secret !== undefined && { passphrase: secret }),
    onSigning: async (keyId) => {
      await audit.append([auditEvent('access-token.key', { atMs: clock.now(), actor, facts: { keyId } })]);
    },
    onFailure: (error) => log({ event: 'failed', what: 'rotating the keys of access tokens', why: String(error) }),
  });
  const file = await openRevokedTokens({ path: join(folder, 'revoked'), clock });
  const revoked: RevokedTokens = {
    has: (tokenId) => file.has(tokenId),
    add: async (tokenId, until) => {
      await file.add(tokenId, until);
      const facts = { tokenId, expires: until };
      await audit.append([auditEvent('access-token.revoke', { atMs: clock.now(), actor, facts })]);
    },
  };
  return { keys, revoked };
}

function wantedBy(section: TokenIssuerSettings): Wanted {
  const { issuer, endpoints = issuer, selfSigned = 'refused' } = section;
  const names = [issuer, endpoints].map((address) => new URL(address).hostname.replace(/^\[(.*)\]$/, '$1'));
  return { ...tokenIssuerPlace(section), names: [...new Set(names)], selfSigned };
}

/** Of its own: it names the hosts of the issuer, too, which are others than the authority's. */
async function ownCertificate(
  { parts, began }: TokenIssuing,
  host: string,
  names: readonly string[],
): Promise<OwnCertificate> {
  const { authority, clock, log } = parts;
  const { facts } = authority.keys.issuer;
  const own = await keepOwnCertificate({
    authority,
    profile: authorityServerProfile,
    names: [
      ...new Set([
        ...names.filter((name) => isPermitted(name, facts)),
        ...ownNames(authority.trustDomain, host, facts),
      ]),
    ],
    clock,
    log,
  });
  began(own);
  return own;
}
