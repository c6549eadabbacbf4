/**
 * Class D. A peer presents a victim's certificate without holding its key: its CertificateVerify is signed with a key of its own.
 * Stands for: pion/dtls CVE-2022-29222; Vault CVE-2024-2048; OpenZiti GHSA-hhm9-wf63-g7qj.
 *
 * No server of OpenSSL has the hole. That the forger really presents what it is given is shown with the right key: then it is let in.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { everyClient, fromEveryClient } from './clients.ts';
import { buildForger, forgedCall, forgedServer, forgerMissing } from './forger.ts';
import { presented, type Presented } from './presented.ts';
import { everyServer } from './servers.ts';
import { victimId } from './victim.ts';

const skip = forgerMissing();

/** The victim's chain with a key of the sender's own, of the same kind and of others. */
function forgeries(authority: TestAuthority): Presented[] {
  const { cert } = presented(authority.issue('web'));
  return (['P-256', 'P-384', 'Ed25519'] as const).map((keyType) => ({
    cert,
    key: authority.issue('mallory', { keyType }).privateKey.toPem(),
  }));
}

test('no server lets in a client that does not hold the key', { skip }, async (t) => {
  const forger = buildForger(t);
  for (const server of await everyServer(t)) {
    const id = victimId(server.authority);
    const honest = await forgedCall(forger, server, presented(server.authority.issue('web')));
    assert.ok(honest.includes(id), `${server.name}: with its own key the victim is let in: ${honest}`);
    for (const forgery of forgeries(server.authority)) {
      const before = server.refusals.length;
      const seen = await forgedCall(forger, server, forgery);
      assert.ok(!seen.includes(id), server.name);
      if (server.tells) {
        assert.equal(server.refusals.length, before + 1, server.name);
        assert.match(server.refusals.at(-1)?.code ?? '', /^CS-PEER-005$/, String(server.refusals.at(-1)));
      }
    }
  }
});

test('no client talks to a server that does not hold the key', { skip }, async (t) => {
  const forger = buildForger(t);
  const authority = new TestAuthority();
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const honest = await forgedServer(t, forger, presented(authority.issue('web')), version);
    assert.deepEqual(await everyClient(authority, honest.port, version), fromEveryClient('admitted'));
    for (const forgery of forgeries(authority)) {
      const { port, received } = await forgedServer(t, forger, forgery, version);
      const outcomes = await everyClient(authority, port, version);
      for (const outcome of outcomes) assert.match(outcome, /^CS-PEER-005$/, `${version}: ${outcomes.join()}`);
      assert.deepEqual(received(), [], 'nothing was sent to it');
    }
  }
});
