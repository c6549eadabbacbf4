/** The authority, running: its keys from the state directory, its storage from the caller, its listeners, the feed. */
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { Listening } from '../../runtime/tls/index.ts';
import { defaultProfileName, type KeyCertificate } from '../authority/index.ts';
import { createEnrollment, renewalChallenges, tokenIds } from '../enrollment-server/index.ts';
import { activePartnersAlone } from '../partner-registry/index.ts';
import { TokenClients } from '../token-issuer/index.ts';
import { personsOf } from './access/administrators.ts';
import { administrativeRoutes } from './administrative-routes.ts';
import { Endpoints } from './endpoints.ts';
import { keepTidy } from './keep-tidy.ts';
import { withDescription } from './openapi/with-description.ts';
import { ownUrl } from './own-names.ts';
import { PartnerFollowers } from './partners/followers.ts';
import { keepNotices } from './partners/keep-notices.ts';
import { keepRevocationLists } from './publishing/revocation-lists.ts';
import { publicRoutes } from './public-routes.ts';
import { rootAnswers } from './publishing/root-answers.ts';
import { publishOcsp } from './publishing/publish-ocsp.ts';
import { measurePublishing } from './telemetry/measure-publishing.ts';
import { type PublishedFigures, publishedFigures } from './telemetry/published-figures.ts';
import type { PublishedRoute } from './publishing/published-route.ts';
import type { ServerParts } from './server-parts.ts';
import { removeSnapshots } from './snapshot.ts';
import { type OpenAuthority, openAuthority } from './start/open-authority.ts';
import { openFeed } from './start/open-feed.ts';
import {
  type AuthorityServer,
  type AuthorityServerOptions,
  defaultEnforcementWaitMs,
  defaultLeaseMs,
  defaultListen,
  type Endings,
} from './start/options.ts';
import { serve } from './start/serve.ts';
import { listRules } from './settings/crl-settings.ts';
import type { TidyRules } from './store-keeper.ts';
import { Readiness } from './telemetry/readiness.ts';
import { ServerState } from './telemetry/server-state.ts';
import { tidyRules, tidyRulesOf } from './tidy-rules.ts';

export async function startAuthorityServer(options: AuthorityServerOptions): Promise<AuthorityServer> {
  const endings: Endings = [];
  const unwind = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        // The others must end all the same.
        options.log?.({ event: 'failed', what: 'closing', why: String(error) });
      }
    }
  };
  try {
    const server = await start(options, endings);
    let closing: Promise<void> | undefined;
    return { ...server, close: () => (closing ??= unwind()) };
  } catch (error) {
    await unwind();
    throw error;
  }
}

async function start(options: AuthorityServerOptions, endings: Endings): Promise<Omit<AuthorityServer, 'close'>> {
  await removeSnapshots(options.dir).catch(() => undefined);
  const names: { all: readonly string[] } = { all: [] };
  const open = await openAuthority(options, () => names.all, endings);
  const where = options.listen ?? defaultListen;
  const listening: { at?: Listening } = {};
  const url = (): string => ownUrl(where.host, listening.at?.port ?? where.port);
  const parts = await partsOf(options, open, url);
  const routes = withDescription([...publicRoutes(parts), ...administrativeRoutes(parts)]);
  names.all = routes.map(({ method, path }) => `${method} ${path}`);
  const tidying = keepTidy({ keeper: options.stores.keeper, rules: () => rulesOf(options, open), ...parts });
  endings.push(() => tidying.close());
  const lists = keepRevocationLists({
    ...{ settings: open.gate.settings, issuers: issuersOf(open), rows: options.stores.revokedRows, dir: options.dir },
    ...parts,
  });
  endings.push(() => lists.close());
  const notices = keepNotices({
    ...{ book: options.stores.partners, settings: parts.partnerSettings },
    ...{ inventory: parts.inventory, trustDomain: parts.authority.trustDomain, clock: parts.clock, log: parts.log },
  });
  endings.push(() => notices.close());
  const ocsp = publishOcsp({
    parts,
    retired: open.retired,
    settings: open.gate.settings,
    root: rootAnswers(parts.authority.keys.anchor, options.dir, parts.clock),
    began: (own) => open.own.all.push(own),
  });
  endings.push(() => ocsp.close());
  const figures = (): PublishedFigures => publishedFigures({ lists, ocsp });
  parts.state.tellOf(figures);
  measurePublishing({ ...parts, figures });
  const published: readonly PublishedRoute[] = [lists.route, ocsp.route];
  const { at, telemetryUrl, publishingUrl, tokenIssuerUrl } = await serve(
    options,
    open,
    parts,
    routes,
    published,
    endings,
  );
  listening.at = at;
  const { authority, gate, telemetry, keysEncrypted } = open;
  return {
    url: url(),
    rootSha256: parts.rootSha256,
    trustDomain: authority.trustDomain,
    host: where.host,
    port: at.port,
    routes,
    persons: () => personsOf(gate.administrators.current()),
    telemetryUrl,
    published: published.map(({ prefix }) => prefix),
    publishingUrl,
    tokenIssuerUrl,
    readiness: parts.readiness,
    spansLost: (count) => telemetry.instruments.spansLost.add({}, count),
    keysEncrypted,
    issuerNotAfterMs: authority.keys.issuer.facts.notAfterMs,
  };
}

/** Who publishes lists: the one that signs certificates first. */
function issuersOf({ authority, retired }: OpenAuthority): readonly KeyCertificate[] {
  return [authority, ...retired].map(({ keys }) => keys.issuer);
}

async function partsOf(options: AuthorityServerOptions, open: OpenAuthority, url: () => string): Promise<ServerParts> {
  const { stores, clock, onStep, lifeMs } = options;
  const { authority, own, gate, proposals, profiles, telemetry } = open;
  const { keys } = authority;
  const { log } = telemetry;
  const rootSha256 = sha256Hex(keys.anchor.raw);
  const epoch = await stores.recovery.currentEpoch();
  const endpoints = await Endpoints.load(stores.endpoints, clock, options.leaseMs ?? defaultLeaseMs);
  const feed = await openFeed({ options, keys, endpoints, signing: own.feed, rootSha256, log });
  return {
    authority,
    enrollment: createEnrollment({
      authority,
      tokens: stores.tokens,
      // Random, private to the database and its directory, and the same after a restart.
      tokenIds: tokenIds(new TextEncoder().encode(stores.ledgerId)),
      inventory: stores.inventory,
      recovery: epoch === undefined ? undefined : { lost: epoch, ledger: stores.recovery },
      clock,
      profiles,
      lifeMs,
      mayHave: activePartnersAlone(stores.partners, authority.trustDomain),
    }),
    challenges: renewalChallenges(clock),
    inventory: stores.inventory,
    revocations: stores.revocations,
    administrators: gate.administrators,
    issuerKeys: new Set(issuersOf(open).map(({ issuerKey }) => issuerKey)),
    proposals,
    partners: stores.partners,
    partnerFollowers: new PartnerFollowers({ book: stores.partners, clock }),
    tokenClients: await TokenClients.load({
      ...{ book: stores.tokenClients, clock },
      onUnreadable: (client, error) =>
        log({ event: 'failed', what: `reading the client ${client}`, why: String(error) }),
    }),
    tokenIssuerSettings: () => gate.settings.current().tokenIssuer,
    partnerSettings: () => gate.settings.current().partners,
    keyPlace: { dir: options.dir, ledgerId: stores.ledgerId },
    epoch,
    profiles,
    audit: stores.audit,
    feed,
    endpoints,
    own: own.all,
    snapshots: { dir: options.dir, snapshots: stores.snapshots, vitals: stores.vitals, audit: stores.audit, clock },
    clock,
    log,
    onStep,
    telemetry,
    readiness: new Readiness({
      issuer: keys.issuer.facts,
      shortestLifeMs: () => profiles.current().require(defaultProfileName).life.shortestMs,
      issuance: stores.issuance,
      vitals: stores.vitals,
      clock,
    }),
    state: new ServerState({ keys, own: own.all, feed, endpoints, vitals: stores.vitals, clock }),
    sinceMs: clock.now(),
    version: options.version ?? 'unknown',
    enforcementWaitMs: options.enforcementWaitMs ?? defaultEnforcementWaitMs,
    rootSha256,
    url,
  };
}

/** By the settings in force, read anew at each tidying. */
function rulesOf({ leaseMs }: AuthorityServerOptions, { gate, profiles }: OpenAuthority): TidyRules {
  const asked = tidyRulesOf(gate.settings.current().tidy ?? {});
  const { lifeMs } = listRules(gate.settings.current().crl ?? {});
  return tidyRules(asked, profiles.current().longestRenewalMs, leaseMs ?? defaultLeaseMs, lifeMs);
}
