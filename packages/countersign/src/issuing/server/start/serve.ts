/** The listeners of an authority: the one on the network, those on local sockets, and the one for who looks on. */
import { join } from 'node:path';

import { spiffeIdPattern } from '../../../identity/authorization/index.ts';
import { BundleSet } from '../../../identity/spiffe/index.ts';
import { roles } from '../../../runtime/api/index.ts';
import {
  createServer,
  type CredentialSource,
  defaultCrowd,
  fixedSource,
  type Listening,
  type MutualTlsServer,
  type Source,
  Trust,
} from '../../../runtime/tls/index.ts';
import { issuerChain } from '../../authority/index.ts';
import { localCallers, remoteCaller } from '../access/callers.ts';
import { listenInDirectory, listenOnShared, type LocalFace } from '../access/local-listeners.ts';
import { keyFiles, keyFolderName } from '../keys/key-files.ts';
import { noPassphrases } from '../keys/passphrases.ts';
import { httpFace, requirePeer } from '../http-face.ts';
import { listenRefusal } from '../listen-refusal.ts';
import type { OwnCertificate } from '../own-certificate.ts';
import { loadPeerCredentials } from '../peer-credentials.ts';
import type { Route } from '../route.ts';
import type { PublishedRoute } from '../publishing/published-route.ts';
import { listenForPublishing } from '../publishing/publishing-listener.ts';
import type { ServerLog } from '../server-event.ts';
import type { ServerParts } from '../server-parts.ts';
import type { AuthoritySettings } from '../settings/authority-settings.ts';
import { publishingPlace } from '../settings/publishing-settings.ts';
import { hostAndPort, type TelemetrySettings } from '../settings/telemetry-settings.ts';
import { measureState } from '../telemetry/measure-state.ts';
import { listenForTelemetry, requireLoopback, type TelemetryListener } from '../telemetry/telemetry-listener.ts';
import { followListener } from './followed-listener.ts';
import { issueTokens } from './token-issuing.ts';
import type { OpenAuthority } from './open-authority.ts';
import { type AuthorityServerOptions, defaultListen, type Endings } from './options.ts';

export interface Serving {
  readonly at: Listening;
  readonly telemetryUrl: string | undefined;
  /** Where what is published is answered now; `undefined` where the settings ask for no such listener. */
  readonly publishingUrl: () => string | undefined;
  /** Where the token issuer is now; `undefined` where the settings ask for none. */
  readonly tokenIssuerUrl: () => string | undefined;
}

/** What asks for a named person: the same on every listener. */
const administrative = ['administrator', ...roles] as const;

export async function serve(
  options: AuthorityServerOptions,
  { own, gate, telemetry, place, keysEncrypted }: OpenAuthority,
  parts: ServerParts,
  routes: readonly Route[],
  published: readonly PublishedRoute[],
  endings: Endings,
): Promise<Serving> {
  const { clock, log, feed, readiness } = parts;
  const { server, trust } = createTlsServer(parts, own.server, routes);
  // Ended from the last to the first: the feed before the server, which would wait for its streams.
  endings.push(
    () => trust.close(),
    () => server.close({ graceMs: 2_000 }),
    () => feed.close(),
  );
  measureState({ ...parts, connections: () => server.connections });
  const { settings } = gate;
  const { credential: credentials } = own.server;
  const telemetryUrl = await lookOn({ options, settings, parts, trust, credentials }, endings);
  const publishingUrl = await publish(settings, published, log, endings);
  const tokenIssuerUrl = await issueTokens(
    {
      ...{ settings, parts, trust },
      passphrase: async () => (keysEncrypted ? openedBy(options) : undefined),
      began: (one) => own.all.push(one),
    },
    endings,
  );
  const at = await listenOn(server, options.listen ?? defaultListen, options.sockets?.https);
  const callers = localCallers(gate.administrators, place);
  const face: LocalFace = {
    readPeer: options.readPeer ?? (await loadPeerCredentials()),
    admit: callers.admit,
    handler: httpFace({
      ...{ routes, serves: administrative, networked: false, clock, log, observe: telemetry.request },
      administrator: callers.callerOf,
    }),
    log,
  };
  const inDirectory = await listenInDirectory(options.socketDir ?? options.dir, face);
  endings.push(() => inDirectory.close());
  const shared = await followListener({
    what: "the administrators' socket",
    settings,
    wanted: ({ administrators }) => administrators?.socket,
    open: (socket) => listenOnShared(socket, face),
    place: ({ path }) => path,
    where: (_listener, { path }) => path,
    log,
  });
  endings.push(() => shared.close());
  endings.push(() => readiness.stop());
  return { at, telemetryUrl, publishingUrl, tokenIssuerUrl };
}

/** The passphrase that opened the issuer's key: whoever was asked for it then is not asked again. */
async function openedBy({ dir, passphrases = noPassphrases }: AuthorityServerOptions): Promise<string | undefined> {
  return (await passphrases.opening(join(dir, keyFolderName, keyFiles.issuerKey)))?.text;
}

interface LookOnParts {
  readonly options: AuthorityServerOptions;
  readonly settings: Source<AuthoritySettings>;
  readonly parts: ServerParts;
  readonly trust: Trust;
  readonly credentials: CredentialSource;
}

/** Before the authority serves: a listener that is refused keeps it from starting, rather than that nobody looks on. */
async function lookOn(
  { options, settings, parts, trust, credentials }: LookOnParts,
  endings: Endings,
): Promise<string | undefined> {
  const { metrics } = parts.telemetry;
  const open = (telemetry: TelemetrySettings, fd?: number): Promise<TelemetryListener> => {
    requireLoopback(telemetry);
    return listenForTelemetry({ ...parts, settings: telemetry, fd, metrics, trust, credentials });
  };
  const fd = options.sockets?.metrics;
  if (fd !== undefined) {
    // Whose place is the system's; closed, it could not be had again.
    const handed = await open(settings.current().telemetry ?? {}, fd);
    endings.push(() => handed.close());
    return handed.url;
  }
  const listener = await followListener({
    what: 'the listener for metrics',
    settings,
    wanted: ({ telemetry: { listen, peers, plainHttpBeyondLoopback } = {} }) =>
      listen === undefined ? undefined : { listen, peers, plainHttpBeyondLoopback },
    open: (wanted) => open(wanted),
    place: ({ listen }) => (hostAndPort(listen).port === 0 ? undefined : listen),
    where: ({ url }) => url,
    log: parts.log,
  });
  endings.push(() => listener.close());
  return listener.current()?.url;
}

/** Before the authority serves, like the one for who looks on. */
async function publish(
  settings: Source<AuthoritySettings>,
  routes: readonly PublishedRoute[],
  log: ServerLog,
  endings: Endings,
): Promise<() => string | undefined> {
  const listener = await followListener({
    what: 'the listener for what is published',
    settings,
    wanted: ({ publishing }) => publishingPlace(publishing),
    open: (listen) => listenForPublishing({ listen, routes, log }),
    place: ({ host, port }) => (port === 0 ? undefined : `${host}:${String(port)}`),
    where: ({ url }) => url,
    log,
  });
  endings.push(() => listener.close());
  return () => listener.current()?.url;
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
      crowd: defaultCrowd(),
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
