/**
 * A service in one call: a credential that stays fresh, the trust that goes with it, and the feed that closes what is revoked.
 *
 *     const workload = await openWorkload({ token });
 *     const server = workload.createServer(spiffeId('spiffe://dev.internal/web'), (request, response) => response.end('hello'));
 *     await server.listen({ host: '127.0.0.1', port: 8443 });
 *     const answer = await request('https://db:5433/', { dispatcher: workload.dispatcher(spiffeId('spiffe://dev.internal/db')) });
 *     await workload.close();
 */
import type { Dispatcher } from 'undici';
import { sleep, systemClock } from '../../ground/clock/index.ts';
import { toBase64Url } from '../../ground/encoding/index.ts';
import type { PeerPolicy } from '../../identity/authorization/index.ts';
import { RevocationState, type RevocationView } from '../../identity/revocation/index.ts';
import { randomBytes } from '../../runtime/cryptography/index.ts';
import {
  createDispatcher,
  createServer,
  hardenProcess,
  MutableSource,
  type MutualClientOptions,
  type MutualTlsServer,
  type RequestHandler,
  type ServerOptions,
  Trust,
  type TrustOptions,
} from '../../runtime/tls/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import {
  fileAuditMemory,
  type FeedEventListener,
  followFeed,
  openStaple,
  openStatusMeans,
  type StapleMeans,
  type StatusMeans,
} from '../revocation-sources/index.ts';
import type { Agent } from './agent.ts';
import { type AgentOptions, startAgent } from './start-agent.ts';

export interface WorkloadOptions extends AgentOptions {
  /** What happens when the revocations that are known are out of date. Default `refuseAfterLease`. */
  readonly lease?: TrustOptions['lease'];
  /** Hears what the feed does. */
  readonly onFeedEvent?: FeedEventListener;
  /** Lists and responders that are asked beside the feed; default none. */
  readonly means?: StatusMeans;
  /** Who is asked for the OCSP response that its servers staple; default nobody, and nothing is stapled. */
  readonly staple?: StapleMeans;
  /** Told what goes wrong with these, ahead where that is possible. */
  readonly onStatusWarning?: (warning: Refusal) => void;
  /** How long opening waits for the first state of the feed, milliseconds; default 9,000. */
  readonly feedWaitMs?: number;
  /** Leaves out `hardenProcess` of countersign/tls: for a program under a debugger, which would be refused. Never in production. */
  readonly dangerouslyInAnyEnvironment?: true;
}

/** What of an endpoint's options is the workload's own. */
type Own = 'trust' | 'credentials' | 'clock';

export interface Workload {
  readonly agent: Agent;
  readonly trust: Trust;
  /** @param policy who may be the client */
  createServer(policy: PeerPolicy, handler: RequestHandler, options?: Omit<ServerOptions, Own>): MutualTlsServer;
  /** For undici's own `request` and `fetch`. @param policy who may be the server */
  dispatcher(policy: PeerPolicy, options?: Omit<MutualClientOptions, Own>): Dispatcher;
  /** Closes its servers and dispatchers, then the rest. @param options.graceMs as a server's */
  close(options?: { graceMs?: number }): Promise<void>;
}

const defaultFeedWaitMs = 9_000;

/**
 * Resolves when there is a credential and the revocations are known; where the feed cannot be had within `feedWaitMs`, without
 * them: then everybody is refused (CS-PEER-010) until it can, unless `lease` says otherwise. The process is hardened first.
 * @throws CS-ENV-001 to -005 in a hostile environment
 */
export async function openWorkload(options: WorkloadOptions): Promise<Workload> {
  const { clock = systemClock, lease, feedWaitMs = defaultFeedWaitMs } = options;
  if (options.dangerouslyInAnyEnvironment !== true) hardenProcess();
  const agent = await startAgent(options);
  const { credentials, bundles } = agent;
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const { means: asked, onStatusWarning: onWarning } = options;
  const warned = { clock, bundles, ...(onWarning && { onWarning }) };
  const means = asked && openStatusMeans(asked, { ...warned, toldByFeed: bundles });
  const staple = options.staple && openStaple(options.staple, { ...warned, credentials });
  const trust = new Trust({ bundles, revocations, clock, ...(lease && { lease }), ...means?.trustOptions });
  const feed = followFeed({
    url: agent.held.authority,
    rootSha256: agent.held.rootSha256,
    credentials,
    bundles,
    revocations,
    trust,
    endpoint: toBase64Url(randomBytes(16)),
    clock,
    report: means?.report,
    ...(options.random && { random: options.random }),
    ...(options.folder === undefined ? {} : { auditMemory: fileAuditMemory(options.folder) }),
    ...(options.onFeedEvent && { onEvent: options.onFeedEvent }),
  });
  const waiting = new AbortController();
  const known = Promise.all([feed.ready, means?.settled()]);
  await Promise.race([known, sleep(clock, feedWaitMs, waiting.signal).catch(() => undefined)]);
  waiting.abort();
  const own = { trust, credentials, clock };
  const servers = new Set<MutualTlsServer>();
  const dispatchers = new Set<Dispatcher>();
  return {
    agent,
    trust,
    createServer: (policy, handler, more) =>
      remember(servers, createServer(policy, { ...(staple && { staple }), ...more, ...own }, handler)),
    dispatcher: (policy, more) => remember(dispatchers, createDispatcher(policy, { ...more, ...own })),
    close: async (how = {}) => {
      await Promise.all([...servers].map((server) => server.close(how)));
      await Promise.all([...dispatchers].map((dispatcher) => dispatcher.destroy()));
      await feed.close({ leaving: true });
      await agent.close();
      trust.close();
      means?.close();
      staple?.close();
    },
  };
}

function remember<T>(all: Set<T>, one: T): T {
  all.add(one);
  return one;
}
