/**
 * Class I. A peer that belongs there asks for much and takes nothing of it, or sixteen octets now and then, or shuts the window of one stream of HTTP/2: what
 * it holds in memory is let go after its time, by name, and others are served meanwhile. Stands for: CVE-2019-9517 (internal data buffering),
 * CVE-2019-9511 (data dribble), Apache CVE-2016-1546. Of gRPC the streams are not looked at, but the connection.
 */
import assert from 'node:assert/strict';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { createServer as createNodeTlsServer, type Server, type TlsOptions, type TLSSocket } from 'node:tls';
import { type ManualClock, manualClock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { type Protocol, serversAndGateways, type ServerUnderTest } from './endpoints.ts';
import { pemOf, presented, type TlsVersion } from './presented.ts';
import { knock } from './servers.ts';
import {
  type Asking,
  type Endless,
  endless,
  framesOf,
  opensByTheByte,
  readsByTheByte,
  readsNothing,
} from './slow-readers.ts';
import { onlyTheVictim, victimId } from './victim.ts';

/** What the kernels on the way hold for one connection, and for another one behind it, with room to spare. */
const mostWritten = 64 * 1024 * 1024;

async function eventually(holds: () => boolean, what: () => string, meanwhile?: () => void): Promise<void> {
  for (const until = performance.now() + 30_000; !holds(); await new Promise((next) => setTimeout(next, 20))) {
    meanwhile?.();
    if (performance.now() > until) assert.fail(what());
  }
}

/** Servers of Node alone, made so that they serve whoever the authority knows. */
const bare: Readonly<Record<Protocol, (options: TlsOptions, answer: (out: Writable) => unknown) => Server>> = {
  'http/1.1': (options, answer) => createHttpsServer(options, (_asked, response) => void answer(response)),
  h2: (options, answer) => createSecureServer(options, (_asked, response) => void answer(response)),
  bytes: (options, answer) => createNodeTlsServer(options, (socket) => void answer(socket)),
};

test('a bare server holds what is not read for as long as its peer likes', async (t) => {
  const authority = new TestAuthority();
  for (const protocol of ['http/1.1', 'h2', 'bytes'] as const) {
    const options = {
      ...presented(authority.issue('orders')),
      ca: pemOf([authority.root.raw]),
      requestCert: true,
      ALPNProtocols: [protocol],
    };
    const { answer, written, ended } = endless(3);
    const server = bare[protocol](options, answer);
    const sockets = new Set<TLSSocket>();
    server.on('secureConnection', (socket: TLSSocket) => sockets.add(socket));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const asking: Asking = { authority, port, protocol, version: 'TLSv1.3' };
    readsNothing(t, asking);
    await readsByTheByte(t, asking);
    if (protocol === 'h2') opensByTheByte(t, asking);
    const asked = protocol === 'h2' ? 3 : 2;
    await eventually(
      () => written.length === asked,
      () => `${protocol}: ${written.length} asked`,
    );
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(ended(), 0, protocol);
  }
});

interface Attacked extends Asking, Endless {
  readonly name: string;
  readonly clock: ManualClock;
  readonly refusals: readonly Refusal[];
  readonly closed: readonly Refusal[];
}

async function attacked(
  t: TestContext,
  {
    server,
    protocol,
    version,
    slow,
  }: { server: ServerUnderTest; protocol: Protocol; version: TlsVersion; slow: number },
): Promise<Attacked> {
  const authority = new TestAuthority();
  const clock = manualClock(systemClock.now());
  const closed: Refusal[] = [];
  const answers = endless(slow);
  const { port, refusals } = await server.start(t, {
    authority,
    policy: onlyTheVictim(authority),
    version,
    answer: answers.answer,
    more: { clock, onClosed: (refusal) => closed.push(refusal) },
  });
  // Closing has a grace, by this clock.
  t.after(() => clock.advance(1));
  const name = `${server.name}, ${protocol}, ${version}`;
  return { ...answers, name, authority, port, protocol, version, clock, refusals, closed };
}

async function assertServed(server: Attacked): Promise<void> {
  const { admittedAs, seen } = await knock(
    { ...server, lets: 'one', tells: true },
    // Its clock may be hours ahead by now.
    presented(server.authority.issue('web', { notAfterMs: 500 * 3_600_000 })),
  );
  assert.equal(admittedAs[0], victimId(server.authority), `${server.name}: ${seen}`);
}

/** A minute and a quarter, again and again: for as long as kernels and relays on the way still take something. */
function letTimePass({ clock }: Attacked): () => void {
  return () => clock.advance(75_000);
}

test('every server lets go of connections that are not read, and serves others meanwhile', async (t) => {
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    await Promise.all(
      serversAndGateways
        .filter(({ versions }) => versions.includes(version))
        .flatMap((server) =>
          server.protocols.map(async (protocol) => {
            const one = await attacked(t, { server, protocol, version, slow: 2 });
            readsNothing(t, one);
            await readsByTheByte(t, one);
            await eventually(
              () => one.written.length === 2,
              () => `${one.name}: ${one.written.length} asked`,
            );
            await assertServed(one);
            await eventually(
              () => one.closed.length === 2,
              () => `${one.name}: ${one.closed.length} closed`,
              letTimePass(one),
            );
            for (const { code, evidence } of one.closed)
              assert.deepEqual(
                [code, evidence['what'], evidence['peer']],
                ['CS-TLS-019', 'the connection', victimId(one.authority)],
              );
            for (const bytes of one.written) assert.ok(bytes < mostWritten, `${one.name}: ${bytes} written`);
            if (server.name !== 'createGrpcServer')
              await eventually(
                () => one.ended() === 2,
                () => `${one.name}: ${one.ended()} ended`,
              );
            await assertServed(one);
          }),
        ),
    );
  }
});

test('every server of HTTP/2 resets a stream whose window is shut, and its connection goes on', async (t) => {
  const speak = serversAndGateways.filter(
    ({ protocols, name }) => protocols.includes('h2') && name !== 'createGrpcServer',
  );
  await Promise.all(
    speak.flatMap((server) =>
      server.versions.map(async (version) => {
        const one = await attacked(t, { server, protocol: 'h2', version, slow: 1 });
        const socket = opensByTheByte(t, one);
        const received: Buffer[] = [];
        socket.on('data', (bytes: Buffer) => received.push(bytes));
        const came = (type: number): boolean => framesOf(Buffer.concat(received)).some(([found]) => found === type);
        await eventually(
          () => one.written.length === 1,
          () => `${one.name}: not asked`,
        );
        await assertServed(one);
        // As often as the server looks, and no further: a session without streams is given up after a minute.
        await eventually(
          () => one.refusals.length > 0,
          () => `${one.name}: not told`,
          () => one.clock.advance(5_000),
        );
        await eventually(
          () => came(3) && one.ended() === 1,
          () => `${one.name}: not reset`,
        );
        assert.deepEqual(
          one.refusals.map(({ code, evidence }) => [code, evidence['what']]),
          [['CS-TLS-019', 'a stream of HTTP/2']],
        );
        assert.ok((one.written[0] ?? 0) < mostWritten, one.name);
        // A ping, which is answered (RFC 9113, 6.7).
        socket.write(Buffer.from('0000080600000000000000000000000000', 'hex'));
        await eventually(
          () => came(6),
          () => `${one.name}: the connection stands`,
        );
        assert.deepEqual([one.closed, came(7)], [[], false], one.name);
      }),
    ),
  );
});
