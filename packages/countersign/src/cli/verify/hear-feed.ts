/** What the authority's feed says at this moment, heard at a socket of this machine and verified as endpoints verify it. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../../ground/clock/index.ts';
import { equalBytes, toBase64Url } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { RevocationState, type RevocationView } from '../../identity/revocation/index.ts';
import { type Bundle, BundleSet } from '../../identity/spiffe/index.ts';
import { type Certificate, readCertificatesPem } from '../../identity/x509/index.ts';
import { localSocketName, openAuthorityAtSocket } from '../../runtime/api/index.ts';
import { randomBytes, sha256Hex } from '../../runtime/cryptography/index.ts';
import { MutableSource } from '../../runtime/tls/index.ts';
import { type FeedEvent, followFeed } from '../../traffic/revocation-sources/index.ts';
import type { Call } from '../call.ts';
import { localSocketDirectory } from '../local-authority.ts';
import { UnreadableHelp } from './load-certificates.ts';

export interface HeardFeed {
  /** As it was given, or found. */
  readonly socket: string;
  readonly state: RevocationState;
  /** Of the authority that tells: its root, which is one of `--roots`, and its issuers. */
  readonly bundle: Bundle;
}

/** Nobody named that socket, and there are other means: it is said, and nothing else. */
export interface UnheardFeed {
  readonly socket: string;
  readonly refusal: Refusal;
}

/** `undefined` where no feed is to be heard. @throws UnreadableHelp where the only one cannot be, or the one that was named */
export async function feedFor(
  call: Call,
  anchors: readonly Certificate[],
): Promise<HeardFeed | UnheardFeed | undefined> {
  const { options, world } = call;
  const named = options.text('socket');
  const socket = named === undefined ? socketOfThisMachine(call) : resolve(world.workingDirectory, named);
  if (socket === undefined) return undefined;
  try {
    return await hear(socket, anchors, world.clock);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (named !== undefined || !(options.given('crl') || options.given('ocsp')))
      throw new UnreadableHelp('--socket', named ?? socket, error);
    return { socket, refusal: error };
  }
}

/** Looked for by who insists on an answer. */
function socketOfThisMachine(call: Call): string | undefined {
  if (!call.options.on('revocation')) return undefined;
  const socket = join(localSocketDirectory(call), localSocketName);
  return existsSync(socket) ? socket : undefined;
}

async function hear(socket: string, anchors: readonly Certificate[], clock: Clock): Promise<HeardFeed> {
  const { trustDomain, root } = await authorityAt(socket, anchors, clock);
  const bundle: Bundle = { trustDomain, anchors: [root], intermediates: [], sequence: 0 };
  const bundles = new MutableSource(new BundleSet(trustDomain, [bundle]));
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const failed = Promise.withResolvers<never>();
  const follower = followFeed({
    ...{ socket, bundles, revocations, clock, observes: true },
    rootSha256: sha256Hex(root.raw),
    endpoint: toBase64Url(randomBytes(16)),
    // Nothing rests on it here.
    trust: { settled: () => Promise.resolve(), closedTotal: 0, refusesAfterLease: true },
    onEvent: (event) => {
      const refusal = failureOf(event);
      if (refusal !== undefined) failed.reject(refusal);
    },
  });
  try {
    await Promise.race([follower.ready, failed.promise]);
  } finally {
    await follower.close();
  }
  const state = revocations.current();
  if (!(state instanceof RevocationState)) throw new TypeError('the feed tells states');
  return { socket, state, bundle: bundles.current().get(trustDomain) ?? bundle };
}

/** The first one is the last: who asks by hand sees to it, and asks again. */
function failureOf(event: FeedEvent): Refusal | undefined {
  if (event.type === 'refused' || event.type === 'silent') return event.refusal;
  if (event.type !== 'interrupted') return undefined;
  const { error } = event;
  return isRefusal(error) ? error : new Refusal('CS-FEED-008', { reason: String(error) }, { cause: error });
}

/** Whoever opened the socket must not be believed about the roots of others: his own is one that was given. @throws CS-FEED-004 */
async function authorityAt(
  socket: string,
  anchors: readonly Certificate[],
  clock: Clock,
): Promise<{ readonly trustDomain: string; readonly root: Certificate }> {
  const local = openAuthorityAtSocket(socket, clock);
  try {
    const { authority } = await local.readAudit({ limit: 1 });
    const [told] = authority.roots.flatMap((pem) => readCertificatesPem(pem));
    const root = told && anchors.find(({ raw }) => equalBytes(raw, told.raw));
    if (root !== undefined) return { trustDomain: authority.trustDomain, root };
    const found = told === undefined ? 'none' : sha256Hex(told.raw);
    throw new Refusal('CS-FEED-004', { expected: anchors.map(({ raw }) => sha256Hex(raw)).join(', '), found });
  } finally {
    await local.close();
  }
}
