/** Credentials, bundles, revocations and policies of both sides are exchanged every 100 ms for a minute while callers ask as fast as they can: how many requests fail. */
import { allowAnyPeer, anyOf, type PeerPolicy, spiffeId } from 'countersign/authorization';
import { systemClock } from 'countersign/clock';
import { type RevocationView, withoutRevocation } from 'countersign/revocation';
import type { BundleSet } from 'countersign/spiffe';
import { TestAuthority } from 'countersign/testing';
import { createDispatcher, createServer, type Credential, MutableSource, Trust } from 'countersign/tls';
import { request } from 'undici';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';

export const scenario = 'hot-swap';
export const slow = true;
export const subjects: Scenario['subjects'] = [];

const forMs = Number(process.env['COUNTERSIGN_SWAP_MS'] ?? 60_000);
const everyMs = 100;
const callers = 16;

const answered = 'requests answered';
const failed = 'requests failed';
const swaps = 'exchanges';

export const facts: NonNullable<Scenario['facts']> = { names: [answered, failed, swaps], find };

export const goals: readonly Goal[] = [
  { goal: 'failed requests', bound: 'at most', limit: 0, value: (fact) => fact(failed) },
  // A busy machine may miss the last of them.
  { goal: 'exchanges', bound: 'at least', limit: 0.95 * (forMs / everyMs), value: (fact) => fact(swaps) },
];

const authority = new TestAuthority();

interface Side {
  readonly trust: Trust;
  readonly credentials: MutableSource<Credential>;
  readonly policy: MutableSource<PeerPolicy>;
  readonly swap: (nth: number) => void;
}

function side(name: string, peer: string): Side {
  const bundles = new MutableSource<BundleSet>(authority.bundles());
  const revocations = new MutableSource<RevocationView>(withoutRevocation);
  const credentials = new MutableSource(authority.issue(name));
  const policies = [allowAnyPeer(), anyOf(spiffeId(`spiffe://test.internal/${peer}`))];
  const policy = new MutableSource<PeerPolicy>(allowAnyPeer());
  const acts = [
    () => credentials.set(authority.issue(name)),
    () => bundles.set(bundles.current().with(authority.bundle(1))),
    (nth: number) => policy.set(policies[nth % 2] ?? allowAnyPeer()),
    // Without a word on what was added: everything is looked at again.
    (nth: number) => revocations.set({ number: nth, freshUntil: Infinity, isRevoked: () => undefined }),
  ];
  const trust = new Trust({ bundles, revocations, clock: systemClock });
  return { trust, credentials, policy, swap: (nth) => acts[nth % acts.length]?.(Math.floor(nth / acts.length)) };
}

async function find(): Promise<Fact[]> {
  const [there, here] = [side('orders', 'web'), side('web', 'orders')];
  const server = createServer(there.policy, { ...there, clock: systemClock }, (_request, response) => {
    response.end('ok');
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const dispatcher = createDispatcher(here.policy, { ...here, clock: systemClock });
  const done = { answered: 0, failed: 0, swaps: 0 };
  const begun = performance.now();
  const until = begun + forMs;
  let timer: NodeJS.Timeout | undefined;
  // By when each is due: one that came late, as the process was busy, makes no other late.
  const swapWhenDue = (): void => {
    timer = setTimeout(
      () => {
        for (const one of [there, here]) one.swap(done.swaps);
        done.swaps++;
        swapWhenDue();
      },
      Math.max(0, begun + (done.swaps + 1) * everyMs - performance.now()),
    );
  };
  swapWhenDue();
  const call = async (): Promise<void> => {
    while (performance.now() < until) {
      try {
        const { statusCode, body } = await request(`https://127.0.0.1:${String(port)}/`, { dispatcher });
        if ((await body.text()) !== 'ok' || statusCode !== 200) done.failed++;
        else done.answered++;
      } catch {
        done.failed++;
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  clearTimeout(timer);
  await dispatcher.close();
  await server.close({ graceMs: 0 });
  return [
    { name: answered, unit: 'count', value: done.answered },
    { name: failed, unit: 'count', value: done.failed },
    { name: swaps, unit: 'count', value: done.swaps },
  ];
}
