/**
 * Class D. A peer presents a victim's certificate without holding its key: its CertificateVerify is signed with a key of its own, of the same kind or another;
 * or by the victim's key, over another handshake, in the other role or in another form than the one that was agreed on.
 * Stands for: pion/dtls CVE-2022-29222; Vault CVE-2024-2048; OpenZiti GHSA-hhm9-wf63-g7qj; of the forms, CVE-2006-4339 and the salts of RFC 8446, 4.2.3.
 *
 * No server of OpenSSL has the hole. That the forger really presents what it is given is shown with the right key: then it is let in.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyType } from '../../packages/countersign/src/identity/x509/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { everyClient, fromEveryClient } from './clients.ts';
import { allOf } from './endpoints.ts';
import { buildForger, type Flaw, type Forged, forgedServer, forgerMissing, ForgingCaller } from './forger.ts';
import { presented, type TlsVersion } from './presented.ts';
import { everyServer } from './servers.ts';
import { shareAt } from './share.ts';
import { victimId } from './victim.ts';

const skip = forgerMissing();

/** Kinds with which Go signs CertificateVerify. */
const kinds = ['P-256', 'P-384', 'Ed25519', 'RSA'] as const satisfies readonly KeyType[];

type Kind = (typeof kinds)[number];

/** Which signatures by the right key are none, by its kind. */
const flaws: Readonly<Record<Kind, readonly Flaw[]>> = {
  'P-256': ['another handshake'],
  'P-384': [],
  Ed25519: ['another handshake', 'the other role', 'one bit'],
  RSA: ['another handshake', 'one bit', 'PKCS #1 v1.5', 'another salt'],
};

interface Forgery extends Forged {
  readonly what: string;
}

interface Cast {
  /** The victim's own certificate and key, of each kind. */
  readonly honest: readonly Forgery[];
  readonly forgeries: readonly Forgery[];
}

/** Made once: those of RSA take long. */
const keys = kinds.map((kind) => ({ kind, ofVictim: generatePrivateKey(kind), ofStranger: generatePrivateKey(kind) }));

function castOf(authority: TestAuthority): Cast {
  const victims = keys.map(({ kind, ofVictim: key }) => [kind, presented(authority.issue('web', { key }))] as const);
  const strangers = keys.map(({ kind, ofStranger }) => [kind, ofStranger.toPem()] as const);
  const withAnotherKey = victims.flatMap(([of, { cert }]) =>
    // One of another kind is no different for each kind of certificate.
    strangers
      .filter(([by]) => by === of || of === 'P-256')
      .map(([by, key]): Forgery => ({ what: `${of}, signed with another key, ${by}`, cert, key })),
  );
  const withTheRightKey = victims.flatMap(([of, own]) =>
    flaws[of].map((flaw): Forgery => ({ what: `${of}, its own key: ${flaw}`, ...own, flaw })),
  );
  return {
    honest: victims.map(([of, own]) => ({ what: of, ...own })),
    forgeries: [...withAnotherKey, ...withTheRightKey],
  };
}

/** On TLS 1.2 a signature names no role (RFC 5246, 7.4.8). */
function possibleOn(version: TlsVersion, { flaw }: Forgery): boolean {
  return version === 'TLSv1.3' || flaw !== 'the other role';
}

test('no server lets in a client that does not hold the key, or did not sign as was agreed', { skip }, async (t) => {
  const forger = new ForgingCaller(t, buildForger(t));
  const casts = new Map<TestAuthority, Cast>();
  for (const [at, server] of (await everyServer(t)).entries()) {
    const { authority } = server;
    const cast = casts.get(authority) ?? castOf(authority);
    casts.set(authority, cast);
    const id = victimId(authority);
    for (const { what, ...own } of at === 0 ? cast.honest : cast.honest.slice(0, 1)) {
      const seen = await forger.call(server, own);
      assert.ok(seen.includes(id), `${server.name}: with its own key the victim is let in, ${what}: ${seen}`);
    }
    for (const { what, ...forgery } of shareAt(at, cast.forgeries)) {
      if (!possibleOn(server.version, { what, ...forgery })) continue;
      const before = server.refusals.length;
      const seen = await forger.call(server, forgery);
      assert.ok(!seen.includes(id), `${server.name}: ${what}`);
      if (server.tells) {
        const told = `${server.name}: ${what}: ${String(server.refusals.at(-1))}`;
        assert.equal(server.refusals.length, before + 1, told);
        assert.equal(server.refusals.at(-1)?.code, 'CS-PEER-005', told);
      }
    }
  }
});

test('no client talks to a server that does not hold the key, or did not sign as was agreed', { skip }, async (t) => {
  const forger = buildForger(t);
  const authority = new TestAuthority();
  const { honest, forgeries } = castOf(authority);
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    for (const { what, ...own } of honest) {
      const { port } = await forgedServer(t, forger, own, version);
      assert.deepEqual(await everyClient(authority, port, version), fromEveryClient('admitted'), `${version}: ${what}`);
    }
    const tried = forgeries
      .filter((forgery) => possibleOn(version, forgery))
      .map(async ({ what, ...forgery }) => {
        const { port, received } = await forgedServer(t, forger, forgery, version);
        const outcomes = await everyClient(authority, port, version);
        assert.deepEqual(outcomes, fromEveryClient('CS-PEER-005'), `${version}: ${what}`);
        assert.deepEqual(received(), [], `${version}: ${what}: nothing was sent to it`);
      });
    await allOf(tried);
  }
});
