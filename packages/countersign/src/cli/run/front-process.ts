/** The process of a front, which holds one key and one policy, and neither files nor other programs: Node's permission model is on. */
import { systemClock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal, toLogLine } from '../../ground/errors/index.ts';
import { readCertificatesPem } from '../../identity/x509/index.ts';
import { parsePrivateKey } from '../../runtime/cryptography/index.ts';
import { type Credential, type MutualTlsServer, MutableSource } from '../../runtime/tls/index.ts';
import { bundlesOf, policyOfNames } from '../../traffic/preload/index.ts';
import type { Upstream } from '../../traffic/relay/index.ts';
import { createFront, followTrust, type FollowedTrust } from '../../traffic/sidecar/index.ts';
import { type KeptStaple, openStaple } from '../../traffic/revocation-sources/index.ts';
import { systemReason } from '../fault.ts';
import { feedWarning } from './feed-warning.ts';
import type { CredentialMessage, FromFront, SaidRefusal, StartMessage, ToFront } from './front-messages.ts';

/** How long requests that are under way may go on when the program has ended. Our own choice: nobody is behind them any more. */
const graceMs = 100;

let upstream: Upstream | undefined;
let credentials: MutableSource<Credential> | undefined;
let ending: (() => Promise<void>) | undefined;

// The terminal's signals are for the program; the front ends when `run` does, however that came about.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => void end());
process.on('message', (message: ToFront) => {
  if (message.type === 'upstream') ({ upstream } = message);
  else if (message.type === 'credential') credentials?.set(toCredential(message));
  else void start(message);
});
say({ type: 'waiting' });

async function start(message: StartMessage): Promise<void> {
  try {
    await open(message);
  } catch (error) {
    const { host, port } = message.listen;
    const reason = isRefusal(error) ? toLogLine(error) : systemReason(error);
    say({ type: 'failed', refusal: said(new Refusal('CS-RUN-008', { address: `${host}:${port}`, reason })) });
  }
}

async function open(message: StartMessage): Promise<void> {
  const { bundle, allow, authority: url, rootSha256, spiffeId } = message;
  const source = new MutableSource(toCredential(message.credential));
  credentials = source;
  const policy = policyOfNames(allow, bundle.trustDomain);
  const bundles = new MutableSource(bundlesOf(bundle));
  const onStatusWarning = (refusal: Refusal): void => say({ type: 'status-warning', refusal: said(refusal) });
  const followed = await followTrust({
    url,
    rootSha256,
    credentials: source,
    bundles,
    clock: systemClock,
    lease: message.lease,
    ...(message.means && { means: message.means }),
    onStatusWarning,
    onFeedEvent: (event) => {
      const warning = feedWarning(event);
      if (warning !== undefined) say({ type: 'trust-warning', ...warning });
    },
    onTrust: (trust) => say({ type: 'trust', trust }),
  });
  const asking = { credentials: source, bundles, clock: systemClock, onWarning: onStatusWarning };
  const staple = message.staple && openStaple(message.staple, asking);
  const front = createFront(policy, {
    trust: followed.trust,
    ...(staple && { staple }),
    credentials: source,
    clock: systemClock,
    protocol: message.protocol,
    own: () => spiffeId,
    upstream: () => upstream,
    onRefusal: (refusal, { address, port }) =>
      say({ type: 'refused', refusal: said(refusal), address: `${address}:${port}` }),
    onClosed: (refusal, { address, port }) =>
      say({ type: 'closed', refusal: said(refusal), address: `${address}:${port}` }),
    onUnanswered: (refusal) => say({ type: 'unanswered', refusal: said(refusal) }),
  });
  ending = () => close(front, followed, staple);
  say({ type: 'listening', ...(await front.listen(message.listen)) });
}

async function close(front: MutualTlsServer, followed: FollowedTrust, staple: KeptStaple | undefined): Promise<void> {
  staple?.close();
  await front.close({ graceMs });
  await followed.close();
}

async function end(): Promise<void> {
  await ending?.().catch(() => undefined);
  process.exit();
}

function toCredential({ key, chain }: CredentialMessage): Credential {
  return { privateKey: parsePrivateKey(key), chain: readCertificatesPem(chain).map(({ raw }) => raw) };
}

function said(refusal: Refusal): SaidRefusal {
  return { code: refusal.code, evidence: refusal.evidence, line: toLogLine(refusal) };
}

/** Whoever would read it may be gone: then there is nobody to tell. */
function say(message: FromFront): void {
  if (process.connected) process.send?.(message, () => undefined);
}
