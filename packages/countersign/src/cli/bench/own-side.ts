/** Whose certificate the load presents: from a credential folder, or fresh from the authority on this machine. */
import { Refusal } from '../../ground/errors/index.ts';
import { allowAnyPeer, dnsName, type PeerPolicy, spiffeId } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import { fixedSource, Trust } from '../../runtime/tls/index.ts';
import type { LoadTls } from '../../surfaces/load/index.ts';
import { startAgent } from '../../traffic/agent/index.ts';
import { type HeldCredential, loadCredential, toBundles, toCredential } from '../../traffic/enrollment/index.ts';
import type { Call } from '../call.ts';
import { localToken } from '../local-authority.ts';
import { withPrivateFolder } from '../process/private-folder.ts';

export async function withOwnSide<T>(call: Call, work: (tls: LoadTls | 'none') => Promise<T>): Promise<T> {
  const { options, world } = call;
  options.exclude('as', 'credential', 'a load has one identity');
  options.exclude('plain', 'as', 'without TLS nobody shows a certificate');
  options.exclude('plain', 'credential', 'without TLS nobody shows a certificate');
  if (options.on('plain')) return work('none');
  const folder = options.text('credential');
  if (folder !== undefined) return work(ownSide(call, await requireCredential(folder)));
  const name = options.text('as');
  if (name === undefined) {
    const example = call.command.examples[0]?.line ?? '';
    throw new Refusal('CS-USAGE-004', { missing: '--as NAME, or --credential DIR', example });
  }
  const token = await localToken(call, [name]);
  return withPrivateFolder(world.env, async (own) => {
    const agent = await startAgent({ token, folder: own, clock: world.clock, onEvent: () => undefined });
    try {
      return await work(ownSide(call, agent.held));
    } finally {
      await agent.close();
    }
  });
}

async function requireCredential(folder: string): Promise<HeldCredential> {
  const held = await loadCredential(folder);
  if (held === undefined) throw new Refusal('CS-FILE-001', { path: `${folder}/cert.pem` });
  return held;
}

function ownSide({ options, world }: Call, held: HeldCredential): LoadTls {
  const { clock } = world;
  const revocations = fixedSource(withoutRevocation);
  return {
    policy: policyOf(options.text('server')),
    trust: new Trust({ bundles: fixedSource(toBundles(held)), revocations, clock }),
    credentials: fixedSource(toCredential(held)),
  };
}

function policyOf(server: string | undefined): PeerPolicy {
  if (server === undefined) return allowAnyPeer();
  return server.startsWith('spiffe://') ? spiffeId(server) : dnsName(server);
}
