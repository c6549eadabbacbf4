/** Trying crafted certificates on every endpoint, in both roles. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { TestAuthority, type TestCertificate } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer, everyClient, fromEveryClient } from './clients.ts';
import { presented } from './presented.ts';
import { bareServer, everyServer, knock } from './servers.ts';
import { shareAt } from './share.ts';
import { victimDnsName, victimId } from './victim.ts';

/** By what they try, certificates that a trusted authority was talked into; for the trust domain of the attacked. */
export type Crafted = (trustDomain: string) => Readonly<Record<string, TestCertificate>>;

/** Every certificate, presented as a client's, is let in nowhere as the victim. */
export async function assertNoServerTakesThemForTheVictim(t: TestContext, crafted: Crafted): Promise<void> {
  for (const [at, server] of (await everyServer(t)).entries()) {
    const { authority } = server;
    const honest = await knock(server, presented(authority.issue('web')));
    assert.equal(honest.admittedAs[0], victimId(authority), `${server.name}: the victim itself is let in`);
    for (const [what, certificate] of shareAt(at, Object.entries(crafted(authority.trustDomain)))) {
      const { admittedAs } = await knock(server, presented(authority.issue('mallory', certificate)));
      const told = `${server.name}: ${what}: ${admittedAs.join()}`;
      assert.ok(!admittedAs.includes(victimId(authority)) && !admittedAs.includes(victimDnsName), told);
      if (server.tells && server.lets === 'one') assert.deepEqual(admittedAs, [], told);
    }
  }
}

/** Every certificate, presented as a server's, is taken for the victim by no client, and nothing is sent to it. */
export async function assertNoClientTakesThemForTheVictim(t: TestContext, crafted: Crafted): Promise<void> {
  const authority = new TestAuthority();
  for (const [at, version] of (['TLSv1.3', 'TLSv1.2'] as const).entries()) {
    const honest = await attackingServer(t, presented(authority.issue('web')), version);
    assert.deepEqual(await everyClient(authority, honest.port, version), fromEveryClient('admitted'));
    for (const [what, certificate] of shareAt(at, Object.entries(crafted(authority.trustDomain)))) {
      const server = await attackingServer(t, presented(authority.issue('mallory', certificate)), version);
      const outcomes = await everyClient(authority, server.port, version);
      for (const outcome of outcomes)
        assert.match(outcome, /^CS-(?:PEER|TLS)-/, `${version}: ${what}: ${outcomes.join()}`);
      assert.equal(server.received(), '', `${what}: nothing was sent to it`);
    }
  }
}

/**
 * What gets into a bare server of node:tls that compares names as text, as many do: the attacks of the suite that must be among them
 * show that the suite would see the hole.
 */
export async function lettingIn(
  t: TestContext,
  crafted: Crafted,
  compares: (subjectaltname: string, subject: string) => boolean,
): Promise<string[]> {
  const authority = new TestAuthority();
  const server = await bareServer(t, authority, 'TLSv1.3', ({ subjectaltname = '', subject }) =>
    // Node types the subject as always there; an empty one is undefined.
    compares(subjectaltname, JSON.stringify(subject ?? {})),
  );
  const through: string[] = [];
  for (const [what, certificate] of Object.entries(crafted(authority.trustDomain))) {
    const { admittedAs } = await knock(server, presented(authority.issue('mallory', certificate)));
    if (admittedAs.includes('the victim')) through.push(what);
  }
  return through;
}
