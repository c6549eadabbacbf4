/**
 * Class N. Where a certificate says that its list and its responder are, an endpoint goes only outside: an address of this machine or of a private range, by
 * itself or as a name, is not even connected to, whoever asks for it by presenting the certificate; and who presented it is not let in.
 * Stands for: Vault CVE-2026-5052; cert-manager CVE-2026-25518.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { connect } from 'node:tls';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  accessMethods,
  authorityInfoAccessExtension,
  crlDistributionPointsExtension,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { createTlsServer, fixedSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { openStatusMeans, type StatusMeans } from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import { presented } from './presented.ts';

const authority = new TestAuthority();
const clock = systemClock;

/** Something inside that must not be reached; each connection is ended at once. */
async function inside(t: TestContext): Promise<{ port: number; reached: () => number }> {
  let reached = 0;
  const server = createServer((socket) => {
    reached++;
    socket.on('error', () => undefined).destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, reached: () => reached };
}

async function endpoint(t: TestContext, privateRanges: StatusMeans['privateRanges']) {
  const [bundles, codes] = [fixedSource(authority.bundles()), [] as string[]];
  const opened = openStatusMeans(
    { lists: [], listsFromCertificates: true, ocsp: 'named', undetermined: 'refuse', privateRanges },
    { clock, toldByFeed: undefined },
  );
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock, ...opened.trustOptions });
  const server = createTlsServer(
    allowAnyPeer(),
    {
      ...{ trust, clock, credentials: fixedSource(authority.issue('orders')) },
      onRefusal: (refusal) => void codes.push(isRefusal(refusal) ? refusal.code : 'none'),
    },
    ({ socket }) => void socket.on('error', () => undefined).end('in'),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await server.close({ graceMs: 0 });
    opened.close();
    trust.close();
  });
  return { port, codes };
}

/** Whether it is let in. */
async function knock(port: number, host: string, inner: number): Promise<boolean> {
  const [list, responder] = [`http://${host}:${String(inner)}/x.crl`, `http://${host}:${String(inner)}/ocsp`];
  const caller = authority.issue('web', {
    moreExtensions: [
      crlDistributionPointsExtension([{ fullName: { uri: [list] } }]),
      authorityInfoAccessExtension([{ method: accessMethods.ocsp, location: { uri: [responder] } }]),
    ],
  });
  const socket = connect({ host: '127.0.0.1', port, ...presented(caller), rejectUnauthorized: false });
  let said = '';
  socket.on('error', () => undefined).on('data', (piece: Buffer) => (said += piece.toString()));
  await new Promise((resolve) => void socket.once('close', resolve));
  return said === 'in';
}

test('what is inside is not reached, and nobody is let in for naming it', async (t) => {
  const { port: inner, reached } = await inside(t);
  const { port, codes } = await endpoint(t, 'refuse');
  const hosts = ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'];
  for (const host of hosts) assert.equal(await knock(port, host, inner), false, host);
  assert.equal(reached(), 0);
  assert.deepEqual([...new Set(codes)], ['CS-PEER-021']);
  const allowing = await endpoint(t, 'allow');
  assert.equal(await knock(allowing.port, '127.0.0.1', inner), false);
  assert.ok(reached() > 0, 'where private ranges are permitted it is reached: that is what the option is for');
});
