/** The authority, running: its keys from the state directory, its storage from the caller, two listeners, the feed. */
import type { Clock } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { spiffeIdPattern } from '../../identity/authorization/index.ts';
import { BundleSet } from '../../identity/spiffe/index.ts';
import type { AuditFacts } from '../../runtime/audit/index.ts';
import { ensurePrivateDirectory } from '../../runtime/config/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { noTracing, type Tracing } from '../../runtime/telemetry/index.ts';
import {
  createServer,
  type CredentialSource,
  fixedSource,
  type Listening,
  type MutualTlsServer,
  type Source,
  Trust,
} from '../../runtime/tls/index.ts';
import {
  type Authority,
  type AuthorityKeys,
  authorityServerProfile,
  feedSigningProfile,
  defaultProfileName,
  issuerChain,
  type IssueStep,
  openAuthority,
  type Profile,
  reservedProfiles,
} from '../authority/index.ts';
import { createEnrollment, renewalChallenges, tokenIds } from '../enrollment-server/index.ts';
import { openAuthorityDirectory } from './authority-directory.ts';
import type { AuthorityStores } from './authority-stores.ts';
import { crowdLimits } from './descriptor-limit.ts';
import { Endpoints } from './endpoints.ts';
import { Feed } from './feed.ts';
import { keepAuditExport } from './keep-audit-export.ts';
import { httpFace, requirePeer } from './http-face.ts';
import { administrativeRoutes } from './administrative-routes.ts';
import { personsOf, type Place } from './access/administrators.ts';
import { localCallers, remoteCaller } from './access/callers.ts';
import { listenOnSockets } from './access/local-listeners.ts';
import { openProposals, type Proposals } from './approval/proposals.ts';
import { openSettingsGate, type SettingsGate } from './approval/settings-gate.ts';
import { listenRefusal } from './listen-refusal.ts';
import { keepTidy } from './keep-tidy.ts';
import type { LoadedKeys } from './keys/load-keys.ts';
import type { KeyPassphrases } from './keys/passphrases.ts';
import { keepOwnCertificate, type OwnCertificate } from './own-certificate.ts';
import { roles } from '../../runtime/api/index.ts';
import { ownNames, ownUrl } from './own-names.ts';
import { loadPeerCredentials, type ReadPeerCredentials } from './peer-credentials.ts';
import { withDescription } from './openapi/with-description.ts';
import { type ProfileSource, profileSource } from './profile-source.ts';
import { publicRoutes } from './public-routes.ts';
import type { Route } from './route.ts';
import { recordRun } from './record-run.ts';
import type { RevokeStep } from './revoke-step.ts';
import type { AuthoritySettings } from './settings/authority-settings.ts';
import { widenedProfiles } from './settings/widened-profiles.ts';
import type { TelemetrySettings } from './settings/telemetry-settings.ts';
import type { ServerLog } from './server-event.ts';
import { removeSnapshots } from './snapshot.ts';
import type { ServerParts } from './server-parts.ts';
import type { TidyRules } from './store-keeper.ts';
import { tidyRules, tidyRulesOf } from './tidy-rules.ts';
import { measureState } from './telemetry/measure-state.ts';
import { Readiness } from './telemetry/readiness.ts';
import { ServerState } from './telemetry/server-state.ts';
import { serverTelemetry, type ServerTelemetry } from './telemetry/server-telemetry.ts';
import { listenForTelemetry, requireLoopback } from './telemetry/telemetry-listener.ts';

export type CrashStep = IssueStep | RevokeStep | 'token-claimed';

export interface AuthorityServerOptions {
  /** The state directory; made where it is missing. */
  readonly dir: string;
  /** Where the local socket is; default the state directory. */
  readonly socketDir?: string | undefined;
  /** Stays the caller's: close it after the server. Its lock is what keeps a second process out of `dir`. */
  readonly stores: AuthorityStores;
  /** Default 127.0.0.1:7443; port 0 takes a free one. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined;
  /** Default: the directory's own, dev.internal for a new one. */
  readonly trustDomain?: string | undefined;
  /** What opens the keys, and protects new ones; default nothing: they are unencrypted. */
  readonly passphrases?: KeyPassphrases | undefined;
  readonly clock: Clock;
  /** What a person has set; default nothing. */
  readonly settings?: (Source<AuthoritySettings> & { readonly path?: string }) | undefined;
  /** The life of services' certificates where a token does not say, in milliseconds; default 24 h. */
  readonly lifeMs?: number | undefined;
  /** The life of the authority's own server certificate, in milliseconds; default 24 h. */
  readonly ownLifeMs?: number | undefined;
  /** How often the feed speaks at least, in milliseconds; default 5 s. */
  readonly heartbeatMs?: number | undefined;
  /** How long an endpoint that hears nothing may go on with what it knows, in milliseconds; default 12 h. */
  readonly leaseMs?: number | undefined;
  /** How long `revoke` waits for endpoints, in milliseconds; default 5 s. */
  readonly enforcementWaitMs?: number | undefined;
  readonly log?: ServerLog | undefined;
  /** Who collects traces; default nobody. */
  readonly tracing?: Tracing | undefined;
  /** Of this program, for its metrics and status. */
  readonly version?: string | undefined;
  /** Sockets that listen already, handed over by systemd, instead of the addresses. */
  readonly sockets?: { readonly https?: number | undefined; readonly metrics?: number | undefined } | undefined;
  /** For tests that end the process at a named step. */
  readonly onStep?: ((step: CrashStep) => void) | undefined;
  /** For tests: who calls on the local socket. Default: the kernel's word. */
  readonly readPeer?: ReadPeerCredentials | undefined;
}

export interface AuthorityServer {
  /** `https://host:port`. */
  readonly url: string;
  /** SHA-256 of the anchor's DER, lower-case hexadecimal: the pin. */
  readonly rootSha256: string;
  readonly trustDomain: string;
  readonly host: string;
  readonly port: number;
  /** How many different persons must agree to what needs these roles, now. */
  readonly persons: () => { readonly issuer: number; readonly root: number };
  /** All that it answers, on either listener. */
  readonly routes: readonly Pick<Route, 'method' | 'path' | 'who' | 'described'>[];
  /** Where /metrics, /healthz and /readyz are answered. */
  readonly telemetryUrl?: string | undefined;
  readonly readiness: Pick<Readiness, 'assess'>;
  /** Spans that were not sent, for its metrics. */
  spansLost(count: number): void;
  /** Whether the issuer's key is under a passphrase on disk. */
  readonly keysEncrypted: boolean;
  /** When the first of the certificates up to the root ends: nothing can be issued beyond it. */
  readonly issuerNotAfterMs: number;
  /** Stops listening, ends the feed's streams, lets requests finish; resolves when all is down. The stores are left open. */
  close(): Promise<void>;
}

export const defaultListen: Readonly<{ host: string; port: number }> = { host: '127.0.0.1', port: 7443 };

/** 5 s: silence is noticed after three of them, and one signature serves all endpoints. */
const defaultHeartbeatMs = 5_000;
/**
 * 12 h: half of the default life, so that an authority that is away stops nobody before certificates would. It is also the longest
 * time for which an endpoint cut off from the feed accepts what was revoked. Doubt: a shorter one is safer and less forgiving.
 */
const defaultLeaseMs = 12 * 3_600_000;
const defaultEnforcementWaitMs = 5_000;

export async function startAuthorityServer(options: AuthorityServerOptions): Promise<AuthorityServer> {
  const endings: (() => Promise<void> | void)[] = [];
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

type Endings = (() => Promise<void> | void)[];

async function start(options: AuthorityServerOptions, endings: Endings): Promise<Omit<AuthorityServer, 'close'>> {
  const { stores, clock } = options;
  await removeSnapshots(options.dir).catch(() => undefined);
  const where = options.listen ?? defaultListen;
  const names: { all: readonly string[] } = { all: [] };
  // Known when the settings in force are, which telemetry tells of.
  const issuing: { profiles?: ProfileSource } = {};
  const telemetry = telemetryOf(
    options,
    () => issuing.profiles?.current().profiles ?? [],
    () => names.all,
  );
  endings.push(() => telemetry.close());
  const { log } = telemetry;
  const { keys, encrypted } = await openKeys(options);
  const sending: { end?: () => Promise<void> | void } = {};
  // Ended after the last entry was written.
  endings.push(() => sending.end?.());
  // First, so that it ends last.
  const place = { trustDomain: keys.trustDomain, ownerUid: process.geteuid?.() ?? -1 };
  const { gate, proposals } = await openGate(options, place, log);
  endings.push(() => gate.close());
  sending.end = keepAuditExport({ ...options, journal: stores.audit, log, settings: gate.settings });
  const profiles = profileSource({ settings: gate.settings, audit: stores.audit, clock, log });
  issuing.profiles = profiles;
  endings.push(await recordRun(stores.audit, clock, { ...runFacts(keys), ...profiles.facts() }));
  endings.push(() => profiles.close());
  const ledger = telemetry.issuing.ledger(stores.issuance);
  const authority = telemetry.issuing.authority(await openAuthority({ keys, ledger, clock, onStep: options.onStep }));
  const own = await keepOwn(authority, where.host, options, log);
  for (const certificate of own.all) endings.push(() => certificate.close());
  const rootSha256 = sha256Hex(keys.anchor.raw);
  const epoch = await stores.recovery.currentEpoch();
  const endpoints = await Endpoints.load(stores.endpoints, clock, options.leaseMs ?? defaultLeaseMs);
  const feed = await openFeed({ options, keys, endpoints, signing: own.feed, rootSha256, log });

  const listening: { at?: Listening } = {};
  const url = (): string => ownUrl(where.host, listening.at?.port ?? where.port);
  const { lifeMs, onStep } = options;
  const readiness = new Readiness({
    issuer: keys.issuer.facts,
    shortestLifeMs: () => profiles.current().require(defaultProfileName).life.shortestMs,
    issuance: stores.issuance,
    vitals: stores.vitals,
    clock,
  });
  const parts: ServerParts = {
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
      onStep,
    }),
    challenges: renewalChallenges(clock),
    inventory: stores.inventory,
    administrators: gate.administrators,
    proposals,
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
    readiness,
    state: new ServerState({ keys, own: own.all, feed, endpoints, vitals: stores.vitals, clock }),
    sinceMs: clock.now(),
    version: options.version ?? 'unknown',
    enforcementWaitMs: options.enforcementWaitMs ?? defaultEnforcementWaitMs,
    rootSha256,
    url,
  };
  const routes = withDescription([...publicRoutes(parts), ...administrativeRoutes(parts)]);
  const { server, trust } = createTlsServer(parts, own.server, routes);
  // Ended from the last to the first: the feed before the server, which would wait for its streams.
  endings.push(
    () => trust.close(),
    () => server.close({ graceMs: 2_000 }),
    () => feed.close(),
  );
  names.all = routes.map(({ method, path }) => `${method} ${path}`);
  const rules = (): TidyRules =>
    tidyRules(
      tidyRulesOf(options.settings?.current().tidy ?? {}),
      profiles.current().longestRenewalMs,
      options.leaseMs ?? defaultLeaseMs,
    );
  const tidying = keepTidy({ keeper: stores.keeper, rules, clock, log });
  endings.push(() => tidying.close());
  measureState({ ...parts, audit: stores.audit, connections: () => server.connections });
  const settings = gate.settings.current();
  const { credential: credentials } = own.server;
  const telemetryUrl = await lookOn(
    { options, settings: settings.telemetry ?? {}, parts, trust, credentials },
    endings,
  );
  listening.at = await listenOn(server, where, options.sockets?.https);
  const persons = (): { issuer: number; root: number } => personsOf(gate.administrators.current());
  const callers = localCallers(gate.administrators, place);
  await listenOnSockets(
    {
      dir: options.socketDir ?? options.dir,
      socket: settings.administrators?.socket,
      readPeer: options.readPeer ?? (await loadPeerCredentials()),
      admit: callers.admit,
      handler: httpFace({
        ...{ routes, serves: administrative, networked: false, clock, log, observe: telemetry.request },
        administrator: callers.callerOf,
      }),
      log,
    },
    (listener) => endings.push(() => listener.close()),
  );
  endings.push(() => readiness.stop());
  const spansLost = (count: number): void => telemetry.instruments.spansLost.add({}, count);
  return {
    url: url(),
    rootSha256,
    trustDomain: keys.trustDomain,
    host: where.host,
    port: listening.at.port,
    routes,
    persons,
    telemetryUrl,
    readiness,
    spansLost,
    keysEncrypted: encrypted,
    issuerNotAfterMs: keys.issuer.facts.notAfterMs,
  };
}

/** Which authority it was that ran. */
function runFacts({ trustDomain, anchor, issuer }: AuthorityKeys): AuditFacts {
  return { trustDomain, root: sha256Hex(anchor.raw), issuerKey: issuer.issuerKey };
}

function telemetryOf(
  options: AuthorityServerOptions,
  profiles: () => readonly Profile[],
  routes: () => readonly string[],
): ServerTelemetry {
  return serverTelemetry({
    clock: options.clock,
    log: options.log ?? (() => undefined),
    tracing: options.tracing ?? noTracing,
    version: options.version ?? 'unknown',
    profiles: () => [...profiles(), ...reservedProfiles].map(({ name }) => name),
    routes,
  });
}

interface LookOnParts {
  readonly options: AuthorityServerOptions;
  readonly settings: TelemetrySettings;
  readonly parts: ServerParts;
  readonly trust: Trust;
  readonly credentials: CredentialSource;
}

/** Before the authority serves: a listener that is refused keeps it from starting, rather than that nobody looks on. */
async function lookOn(
  { options, settings, parts, trust, credentials }: LookOnParts,
  endings: Endings,
): Promise<string | undefined> {
  const fd = options.sockets?.metrics;
  if (settings.listen === undefined && fd === undefined) return undefined;
  requireLoopback(settings);
  const { metrics } = parts.telemetry;
  const listener = await listenForTelemetry({ ...parts, settings, fd, metrics, trust, credentials });
  endings.push(() => listener.close());
  return listener.url;
}

async function openKeys({ dir, trustDomain, passphrases, stores, clock }: AuthorityServerOptions): Promise<LoadedKeys> {
  await ensurePrivateDirectory(dir);
  const { records } = await stores.inventory.page(undefined, 1);
  return openAuthorityDirectory({
    dir,
    trustDomain,
    ledgerId: stores.ledgerId,
    ledgerInUse: records.length > 0,
    passphrases,
    clock,
  });
}

interface Own {
  readonly server: OwnCertificate;
  readonly feed: OwnCertificate;
  readonly all: readonly OwnCertificate[];
}

async function keepOwn(
  authority: Authority,
  host: string,
  options: AuthorityServerOptions,
  log: ServerLog,
): Promise<Own> {
  const { clock, ownLifeMs } = options;
  const { trustDomain } = authority;
  const [server, feed] = await Promise.all([
    keepOwnCertificate({
      authority,
      profile: authorityServerProfile,
      names: ownNames(trustDomain, host, authority.keys.issuer.facts),
      lifeMs: ownLifeMs,
      clock,
      log,
    }),
    keepOwnCertificate({
      authority,
      profile: feedSigningProfile,
      names: [`spiffe://${trustDomain}/countersign/feed`],
      clock,
      log,
    }),
  ]);
  return { server, feed, all: [server, feed] };
}

interface FeedParts {
  readonly options: AuthorityServerOptions;
  readonly keys: AuthorityKeys;
  readonly endpoints: Endpoints;
  readonly signing: OwnCertificate;
  readonly rootSha256: string;
  readonly log: ServerLog;
}

async function openFeed({ options, keys, endpoints, signing, rootSha256, log }: FeedParts): Promise<Feed> {
  const { stores, clock } = options;
  const pem = (der: Uint8Array): string => encodePem('CERTIFICATE', der);
  const { trustDomain, anchor } = keys;
  // Nobody is subscribed yet: a bundle that differs from the last run's is among the changes that they have missed.
  await stores.revocations.establishBundle(
    { trustDomain, anchors: [pem(anchor.raw)], intermediates: issuerChain(keys).map(({ raw }) => pem(raw)) },
    clock.now(),
  );
  return Feed.open({
    ledger: stores.revocations,
    audit: stores.audit,
    recovery: stores.recovery,
    endpoints,
    authority: rootSha256,
    signer: () => {
      const { chain, privateKey } = signing.credential.current();
      const [certificate = new Uint8Array(), ...intermediates] = chain;
      // An endpoint from before a change of the issuer knows the old one alone.
      return { certificate, intermediates, sign: (data) => privateKey.sign(data) };
    },
    clock,
    heartbeatMs: options.heartbeatMs ?? defaultHeartbeatMs,
    leaseMs: options.leaseMs ?? defaultLeaseMs,
    log,
  });
}

/** What asks for a named person: the same on every listener. */
const administrative = ['administrator', ...roles] as const;

/** From here on the settings are those in force, whatever the file says. */
async function openGate(
  { stores, settings, clock }: AuthorityServerOptions,
  place: Place,
  log: ServerLog,
): Promise<{ gate: SettingsGate; proposals: Proposals }> {
  const file = settings ?? fixedSource({});
  const path = settings?.path ?? 'the settings';
  const gate = await openSettingsGate({
    file,
    path,
    memory: stores.settings,
    place,
    clock,
    log,
    widens: [widenedProfiles],
  });
  const { administrators } = gate;
  const proposals = openProposals({ book: stores.proposals, administrators, clock, log });
  await gate.begin(proposals);
  return { gate, proposals };
}

function createTlsServer(
  parts: ServerParts,
  own: OwnCertificate,
  routes: readonly Route[],
): { server: MutualTlsServer; trust: Trust } {
  const { authority, clock, log, feed } = parts;
  const { trustDomain, keys } = authority;
  const bundle = {
    trustDomain,
    anchors: [keys.anchor],
    intermediates: issuerChain(keys),
    sequence: 1,
  };
  const trust = new Trust({
    bundles: fixedSource(new BundleSet(trustDomain, [bundle])),
    revocations: feed.revocations,
    clock,
  });
  const server = createServer(
    // Everybody of the trust domain; what each may do is in the table of routes.
    spiffeIdPattern(`spiffe://${trustDomain}/**`),
    {
      trust,
      credentials: own.credential,
      clock,
      clientCertificate: 'optional',
      crowd: crowdLimits(),
      onAdmitted: () => parts.telemetry.instruments.handshakes.add({ outcome: 'ok' }),
      onRefusal: (refusal, { address }) => log({ event: 'refused', refusal, endpoint: 'connection', address }),
      onClosed: (refusal, { address }) => log({ event: 'refused', refusal, endpoint: 'live connection', address }),
    },
    httpFace({
      ...{ routes, serves: ['anybody', 'token', 'proof', 'peer', ...administrative], networked: true, clock, log },
      observe: parts.telemetry.request,
      administrator: (request, address) =>
        remoteCaller({ ...parts, trustDomain }, requirePeer(request), {
          address,
          endpoint: `${request.method ?? ''} ${(request.url ?? '').split('?', 1)[0] ?? ''}`,
        }),
    }),
  );
  return { server, trust };
}

async function listenOn(
  server: MutualTlsServer,
  where: { readonly host: string; readonly port: number },
  fd: number | undefined,
): Promise<Listening> {
  try {
    return await server.listen(fd === undefined ? { ...where } : { fd });
  } catch (error) {
    throw listenRefusal(error, `${where.host}:${String(where.port)}`);
  }
}
