/** The peers for tests, tried on our own server and client: each is refused for what is wrong with it, and the right one is let in. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import { spiffeId } from '../../identity/authorization/index.ts';
import { connect, createServer, peerOf } from '../../runtime/tls/index.ts';
import { type TestPeerKind, testPeerKinds, TestPeers } from './index.ts';

const web = spiffeId('spiffe://test.internal/web');
const handshakeTimeoutMs = 150;

const onTheServer: Readonly<Record<TestPeerKind, string>> = {
  right: 'let in',
  'no-certificate': 'CS-PEER-001',
  'another-authority': 'CS-PEER-002',
  expired: 'CS-PEER-003',
  'not-yet-valid': 'CS-PEER-004',
  revoked: 'CS-PEER-008',
  'wrong-name': 'CS-PEER-007',
  'wrong-usage': 'CS-PEER-012',
  slow: 'CS-TLS-002',
  silent: 'CS-TLS-002',
};

const onTheClient: Readonly<Record<TestPeerKind, string>> = { ...onTheServer, 'no-certificate': 'CS-TLS-003' };

async function serving(t: TestContext, peers: TestPeers): Promise<{ port: number; refusals: Refusal[] }> {
  const refusals: Refusal[] = [];
  const onRefusal = (refusal: Refusal): number => refusals.push(refusal);
  const options = { ...peers.own('orders'), handshakeTimeoutMs, onRefusal };
  const server = createServer(web, options, (request, response) => response.end(peerOf(request).name));
  t.after(() => server.close({ graceMs: 0 }));
  return { refusals, ...(await server.listen({ host: '127.0.0.1', port: 0 })) };
}

test('as clients', async (t) => {
  const peers = new TestPeers();
  const { port, refusals } = await serving(t, peers);
  for (const kind of testPeerKinds) {
    refusals.length = 0;
    const { status, answer, refusedAs } = await peers.call(kind, { port, everyMs: 20 });
    if (kind === 'right') assert.match(answer, /spiffe:\/\/test\.internal\/web/);
    else assert.notEqual(status, 200, kind);
    const expected = onTheServer[kind];
    assert.deepEqual(refusals.map(({ code }) => code).join() || 'let in', expected, `${kind}: ${refusals.join()}`);
    // What only our own check refuses can be read by the client.
    if (['CS-PEER-007', 'CS-PEER-008'].includes(expected)) assert.equal(refusedAs, expected);
  }
});

test('as servers', async () => {
  const peers = new TestPeers();
  for (const kind of testPeerKinds) {
    await using server = await peers.serve(kind);
    const own = { ...peers.own('cron'), timeoutMs: handshakeTimeoutMs };
    const outcome = await connect(web, { ...own, host: '127.0.0.1', port: server.port }).then(
      ({ socket }) => {
        socket.destroy();
        return 'let in';
      },
      (error: unknown) => (isRefusal(error) ? error.code : String(error)),
    );
    assert.equal(outcome, onTheClient[kind], kind);
    assert.equal(server.received(), '', kind);
  }
});

test('a peer can be revoked in mid-connection', async (t) => {
  const peers = new TestPeers();
  const { port } = await serving(t, peers);
  const credential = peers.authority.issue('web');
  const own = { trust: peers.trust, clock: systemClock };
  const credentials = { current: () => credential, watch: () => () => undefined };
  const orders = spiffeId('spiffe://test.internal/orders');
  const { socket } = await connect(orders, { ...own, credentials, host: '127.0.0.1', port });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.resume();
  peers.revoke(credential);
  await closed;
});
