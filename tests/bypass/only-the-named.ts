/** Trying crafted certificates on every endpoint under a policy of the scenario's own: whom it names is let in, and nobody who only looks like it. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import { TestAuthority, type TestCertificate } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer, clientOptions, fromEveryClient } from './clients.ts';
import { clients, serversAndGateways } from './endpoints.ts';
import { presented } from './presented.ts';
import { type AttackedServer, knock } from './servers.ts';
import { shareAt } from './share.ts';

export interface Scenario {
  readonly policy: PeerPolicy;
  /** The certificate that the policy names. */
  readonly victim: TestCertificate;
  /** By what they try. */
  readonly crafted: Readonly<Record<string, TestCertificate>>;
}

export async function assertNoServerLetsThemIn(t: TestContext, { policy, victim, crafted }: Scenario): Promise<void> {
  const authority = new TestAuthority();
  const started = serversAndGateways.flatMap(({ name, versions, protocols, start }) =>
    versions.map(async (version): Promise<AttackedServer[]> => {
      const { port, refusals } = await start(t, { authority, policy, version });
      const common = { port, version, authority, refusals, lets: 'one', tells: true } as const;
      return protocols.map((protocol) => ({ ...common, protocol, name: `${name}, ${protocol}, ${version}` }));
    }),
  );
  for (const [at, server] of (await Promise.all(started)).flat().entries()) {
    const honest = await knock(server, presented(authority.issue('web', victim)));
    assert.equal(honest.admittedAs.length, 1, `${server.name}: the victim itself is let in: ${honest.seen}`);
    for (const [what, certificate] of shareAt(at, Object.entries(crafted))) {
      const { admittedAs } = await knock(server, presented(authority.issue('mallory', certificate)));
      assert.deepEqual(admittedAs, [], `${server.name}: ${what}`);
    }
  }
}

export async function assertNoClientLetsThemIn(t: TestContext, { policy, victim, crafted }: Scenario): Promise<void> {
  const authority = new TestAuthority();
  for (const [at, version] of (['TLSv1.3', 'TLSv1.2'] as const).entries()) {
    const options = clientOptions(authority, version);
    const outcomesAt = (port: number): Promise<string[]> =>
      Promise.all(clients.map((client) => client.call({ port }, { policy, options })));
    const honest = await attackingServer(t, presented(authority.issue('web', victim)), version);
    assert.deepEqual(await outcomesAt(honest.port), fromEveryClient('admitted'));
    for (const [what, certificate] of shareAt(at, Object.entries(crafted))) {
      const server = await attackingServer(t, presented(authority.issue('mallory', certificate)), version);
      const outcomes = await outcomesAt(server.port);
      for (const outcome of outcomes)
        assert.match(outcome, /^CS-(?:PEER|TLS)-/, `${version}: ${what}: ${outcomes.join()}`);
      assert.equal(server.received(), '', `${what}: nothing was sent to it`);
    }
  }
}
