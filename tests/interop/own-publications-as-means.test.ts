/**
 * What our own authority publishes is enough for an endpoint that follows no feed: by its list at an address, and by its responder, a revocation closes who is
 * in and refuses who comes anew; and where the publisher is gone, nobody is let in of whom nothing is known.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';

import {
  manualClock,
  type ManualClock,
  sleep,
  systemClock,
} from '../../packages/countersign/src/ground/clock/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import {
  decodeExtension,
  extensionOids,
  readDistributionPoints,
} from '../../packages/countersign/src/identity/x509/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { verifySignature } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  createTlsServer,
  fixedSource,
  MutableSource,
  type StatusCheck,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import type { HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { openLists, openOcsp } from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import { freePort } from '../fixtures/free-port.ts';
import { presented, type ServerHouse, startHouse } from '../authority/server-house.ts';
import { countersign } from '../e2e/here.ts';

/** The responder's, so that they are asked for anew soon. */
const answerMinutes = 2;

async function publishingHouse(t: TestContext): Promise<ServerHouse> {
  const listen = `127.0.0.1:${String(await freePort())}`;
  const url = `http://${listen}`;
  const settings: AuthoritySettings = {
    publishing: { listen, ocsp: { answerMinutes } },
    crl: { url },
    profiles: { service: { crl: ['own'], ocsp: [`${url}/ocsp`] } },
  };
  return startHouse(t, { settings: new MutableSource(settings) });
}

interface Called {
  readonly socket: TLSSocket;
  /** The server's greeting, or nothing where it let nobody in. */
  readonly greeting: Promise<string>;
  readonly closed: Promise<unknown>;
}

function call(port: number, as: HeldCredential): Called {
  const { chain, key } = presented(as);
  const socket = connect({ host: '127.0.0.1', port, cert: chain, key: key.toPem(), rejectUnauthorized: false });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  const greeting = new Promise<string>((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data.toString()));
    void closed.then(() => resolve(''));
  });
  return { socket, closed, greeting };
}

async function greetingOf(port: number, as: HeldCredential): Promise<string> {
  const { socket, greeting } = call(port, as);
  const said = await greeting;
  socket.destroy();
  return said;
}

interface Endpoint {
  readonly port: number;
  readonly refusals: Refusal[];
}

/** It trusts the authority's root, and knows of revocations by `check` alone. */
async function endpoint(
  t: TestContext,
  own: HeldCredential,
  clock: ManualClock,
  check: StatusCheck,
): Promise<Endpoint> {
  const { trustDomain, roots: anchors, intermediates, leaf, privateKey } = own;
  const bundles = fixedSource(new BundleSet(trustDomain, [{ trustDomain, anchors, intermediates, sequence: 1 }]));
  const revocations = fixedSource(withoutRevocation);
  const trust = new Trust({ bundles, revocations, clock, statusChecks: [check] });
  const refusals: Refusal[] = [];
  const server = createTlsServer(
    allowAnyPeer(),
    {
      ...{
        trust,
        clock,
        onRefusal: (refusal) => refusals.push(refusal),
        onClosed: (refusal) => refusals.push(refusal),
      },
      credentials: fixedSource({ chain: [leaf, ...intermediates].map(({ raw }) => raw), privateKey }),
    },
    ({ socket }) => void socket.on('error', () => undefined).write('hello'),
  );
  t.after(async () => {
    await server.close({ graceMs: 0 });
    trust.close();
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, refusals };
}

interface Means {
  readonly check: StatusCheck & { close(): void };
  /** Moves the clock on until what is published now must have been asked for. */
  pass(): Promise<void>;
}

async function byList(house: ServerHouse, { leaf }: HeldCredential, clock: ManualClock): Promise<Means> {
  const [point] = decodeExtension(leaf.extensions, extensionOids.crlDistributionPoints, readDistributionPoints) ?? [];
  const url = (point?.fullName?.uri?.[0] ?? '').replace(/\d+-\d+\.crl$/, 'all.crl');
  // The first lists are written while the authority listens already.
  while ((await fetch(url)).status !== 200) await sleep(systemClock, 50);
  const out = join(house.dir, 'out');
  const made = await countersign(['authority', 'export-crl', '--dir', house.dir, '--out', out, '--json']);
  assert.equal(made.status, 0, made.err);
  const sources = [{ url }, { file: join(out, 'root.crl') }];
  const check = openLists({ clock, verifySignature, sources, privateRanges: 'allow' });
  await check.settled();
  return {
    check,
    pass: async () => {
      for (let passed = 0; passed < 45 * 60_000; passed += 20_000) {
        clock.advance(20_000);
        await check.settled();
      }
    },
  };
}

function byResponder(clock: ManualClock): Means {
  return {
    check: openOcsp({ clock, privateRanges: 'allow' }),
    pass: async () => {
      // In steps that a question may take, whose limit runs by the same clock.
      for (let passed = 0; passed < 100_000; passed += 2_000) {
        clock.advance(2_000);
        await sleep(systemClock, 20);
      }
    },
  };
}

for (const [what, open] of [
  ['the list at its address', byList],
  ['the responder that certificates name', (_house, _own, clock) => Promise.resolve(byResponder(clock))],
] as readonly (readonly [string, typeof byList])[])
  test(`${what}: a revocation closes who is in, refuses who comes, and leaves the others`, async (t) => {
    const house = await publishingHouse(t);
    const [own, bad, good] = [await house.service('own'), await house.service('bad'), await house.service('good')];
    const late = await house.service('late');
    // Ahead, so that no list which is made until the endpoint is there comes from its future.
    const clock = manualClock(Date.now() + 60_000);
    const { check, pass } = await open(house, own, clock);
    t.after(() => check.close());
    const { port, refusals } = await endpoint(t, own, clock, check);
    const calls = [call(port, bad), call(port, good)] as const;
    for (const { greeting } of calls) assert.equal(await greeting, 'hello', String(refusals));
    await house.local.revoke({ serial: bad.leaf.serialNumber, reason: 'keyCompromise' });
    // A revocation is published within a second.
    await sleep(systemClock, 1_500);
    assert.equal(calls[0].socket.destroyed, false, 'nothing else tells of it');
    await pass();
    await calls[0].closed;
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ['CS-PEER-008'],
    );
    assert.deepEqual([await greetingOf(port, bad), await greetingOf(port, good)], ['', 'hello']);
    assert.equal(refusals.at(-1)?.code, 'CS-PEER-008');
    assert.equal(calls[1].socket.destroyed, false);
    calls[1].socket.destroy();
    await house.stop();
    if (open === byList) return;
    assert.equal(await greetingOf(port, late), '', 'of whom nothing is known');
    assert.equal(refusals.at(-1)?.code, 'CS-PEER-021');
  });
