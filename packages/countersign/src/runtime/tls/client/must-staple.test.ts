/** Clients take no server whose certificate promises a staple (RFC 7633) and that brings no good one, on each connection anew. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../../ground/clock/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import type { BundleSet } from '../../../identity/spiffe/index.ts';
import { tlsFeatureExtension, tlsFeatures } from '../../../identity/x509/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { connect, createTlsServer, fixedSource, MutableSource, Trust } from '../index.ts';

const authority = new TestAuthority();
const promising = authority.issue('orders', { moreExtensions: [tlsFeatureExtension([tlsFeatures.statusRequest])] });
const clock = systemClock;

interface Pair {
  readonly staple: MutableSource<Uint8Array | undefined>;
  readonly bundles: MutableSource<BundleSet>;
  readonly trust: Trust;
  /** 'admitted' or a code. */
  call(): Promise<string>;
  open(): ReturnType<typeof connect>;
}

async function pair(t: TestContext): Promise<Pair> {
  const staple = new MutableSource<Uint8Array | undefined>(undefined);
  const bundles = new MutableSource(authority.bundles());
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock });
  const server = createTlsServer(
    allowAnyPeer(),
    { trust, credentials: fixedSource(promising), clock, staple, onRefusal: () => undefined },
    ({ socket }) => void socket.resume().on('error', () => undefined),
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const options = { trust, credentials: fixedSource(authority.issue('web')), clock };
  const open = (): ReturnType<typeof connect> => connect(allowAnyPeer(), { ...options, host: '127.0.0.1', port });
  const call = async (): Promise<string> => {
    try {
      (await open()).socket.destroy();
      return 'admitted';
    } catch (error) {
      return isRefusal(error) ? `${error.code} ${String(error.evidence['reason'] ?? '')}`.trim() : String(error);
    }
  };
  return { staple, bundles, trust, call, open };
}

test('a good staple lets in; none, one that ran out, that is not signed, or of another certificate does not', async (t) => {
  const { staple, call } = await pair(t);
  assert.equal(await call(), 'CS-PEER-022 the server stapled nothing');
  staple.set(authority.ocspResponse(promising));
  assert.equal(await call(), 'admitted');
  staple.set(undefined);
  assert.match(await call(), /^CS-PEER-022/, 'that it was admitted before counts for nothing');
  const wrong: Readonly<Record<string, Uint8Array>> = {
    'ran out': authority.ocspResponse(promising, { nextUpdateMs: -600_000 }),
    'not known': authority.ocspResponse(promising, { status: 'unknown' }),
    "another's": authority.ocspResponse(authority.issue('orders')),
    'signed by another key': new TestAuthority().ocspResponse(promising),
    cut: authority.ocspResponse(promising).subarray(0, 100),
    'no answer': new TextEncoder().encode('<html>'),
    'too large': new Uint8Array(70_000),
  };
  for (const [what, bytes] of Object.entries(wrong)) {
    staple.set(bytes);
    assert.match(await call(), /^CS-PEER-022/, what);
  }
  staple.set(authority.ocspResponse(promising, { status: 'revoked' }));
  assert.equal(await call(), 'CS-PEER-008');
});

test('a connection that lives stands by the staple it began with when the bundles change', async (t) => {
  const { staple, bundles, trust, open } = await pair(t);
  staple.set(authority.ocspResponse(promising));
  const { socket } = await open();
  const { trustDomain } = authority;
  bundles.set(bundles.current().with({ ...authority.bundle(2), trustDomain }));
  await trust.settled();
  assert.equal(socket.destroyed, false);
  socket.destroy();
});
