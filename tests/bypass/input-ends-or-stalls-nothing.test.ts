/**
 * Class I. Input that ends the process, or stalls it: what is no TLS, TLS that nobody speaks any more, records that are empty, cut off or far too long,
 * peers that send a byte now and then or leave their handshake standing. Each is named to the operator and ended, nobody else waits, and nothing exits.
 * Stands for: Node CVE-2026-21637, CVE-2025-59465; step-ca CVE-2026-40097; cert-manager CVE-2024-12401; Go CVE-2025-58187, CVE-2026-32280. What differs
 * by callback, certificate and frame of HTTP/2 is in tests/bad-input.
 */
import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { closed, opened, openings, sendAndWait, startOfHello } from '../bad-input/openings.ts';
import { attackingServer, clientOptions, everyClient, fromEveryClient } from './clients.ts';
import { clients, servers, type StartedServer } from './endpoints.ts';
import { presented } from './presented.ts';
import { type AttackedServer, bareServer, everyRegisteredServer, knock } from './servers.ts';
import { onlyTheVictim, victimId } from './victim.ts';

/** Longer than any of it takes on a busy machine, and shorter than what a peer could stall a bare server for (Node's 120 s). */
const servedWithinMs = 5_000;

/** Somebody who belongs there is let in, at once. */
async function assertServed(server: AttackedServer, what: string): Promise<void> {
  const began = performance.now();
  const { admittedAs, seen } = await knock(server, presented(server.authority.issue('web')));
  assert.equal(admittedAs[0], victimId(server.authority), `${server.name}, ${what}: ${seen}`);
  assert.ok(performance.now() - began < servedWithinMs, `${server.name}, ${what}: others wait`);
}

async function eventually(holds: () => boolean, what: string): Promise<void> {
  for (const until = performance.now() + servedWithinMs; !holds(); await new Promise((next) => setTimeout(next, 5)))
    if (performance.now() > until) assert.fail(what);
}

test('every server names what comes in place of a handshake, and serves who comes after it', async (t) => {
  for (const server of (await everyRegisteredServer(t, new TestAuthority())).filter(({ lets }) => lets === 'one')) {
    for (const [what, { octets, code, reason }] of Object.entries(openings)) {
      const before = server.refusals.length;
      await sendAndWait(server.port, octets);
      await eventually(() => server.refusals.length > before, `${server.name}, ${what}: not told`);
      const [told, ...more] = server.refusals.slice(before);
      assert.deepEqual(more, [], `${server.name}, ${what}: told once`);
      // The gateway reads the host's name before a server of a host has the handshake: what has none ends there.
      const isOfNoHost = told?.code === 'CS-GATEWAY-023' && !/^CS-TLS-01[01]$/.test(code);
      const isGateway = server.name.startsWith('Gateway');
      if (isGateway && isOfNoHost) continue;
      assert.equal(told?.code, code, `${server.name}, ${what}: ${String(told)}`);
      // A server of a host does not look where the last handshake of the address came about.
      if (!isGateway) assert.match(JSON.stringify(told?.evidence), reason, `${server.name}, ${what}`);
    }
    await assertServed(server, 'after all of it');
    // The gateway looks at every opening.
    if (!server.name.startsWith('Gateway')) await assertLookedAtAgain(server);
  }
});

/** Somebody at this address was let in just now: what is no TLS is said to be none, and from the next on what it is. */
async function assertLookedAtAgain(server: AttackedServer): Promise<void> {
  const before = server.refusals.length;
  for (const reason of [/WRONG_VERSION_NUMBER/, /PROXY line/]) {
    const already = server.refusals.length;
    await sendAndWait(server.port, Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n'));
    await eventually(() => server.refusals.length > already, `${server.name}: not told`);
    assert.match(JSON.stringify(server.refusals.at(-1)?.evidence), reason, server.name);
  }
  assert.deepEqual(
    server.refusals.slice(before).map(({ code }) => code),
    ['CS-TLS-011', 'CS-TLS-011'],
  );
}

test('to a bare server a PROXY line and SSH are the same, and who is slow may stay for two minutes', async (t) => {
  const server = await bareServer(t, new TestAuthority(), 'TLSv1.3', () => true);
  const told = await Promise.all([toldOf(t, 'PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n'), toldOf(t, 'SSH-2.0-x\r\n')]);
  assert.deepEqual(told, ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_WRONG_VERSION_NUMBER']);
  const slow = slowPeers(t, server.port, 3);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(slow.every(({ destroyed }) => !destroyed));
});

/** What node:tls tells whoever listens. */
async function toldOf(t: TestContext, octets: string): Promise<string> {
  const authority = new TestAuthority();
  const { port, server } = await attackingServer(t, presented(authority.issue('web')), 'TLSv1.3');
  const told = new Promise<NodeJS.ErrnoException>((resolve) => server.once('tlsClientError', resolve));
  await sendAndWait(port, Buffer.from(octets));
  return (await told).code ?? 'no code';
}

/** Silent, one byte now and then, and a handshake that stands: several of each. */
function slowPeers(t: TestContext, port: number, ofEach: number): readonly Socket[] {
  const kinds = Array.from({ length: ofEach }, () => [opened(port), opened(port), opened(port)] as const);
  let at = 0;
  const drip = setInterval(() => {
    for (const [, byByte] of kinds) if (!byByte.destroyed) byByte.write(startOfHello.subarray(at, at + 1));
    at += 1;
  }, 30);
  for (const [, , standing] of kinds) standing.write(startOfHello);
  const peers = kinds.flat();
  t.after(() => {
    clearInterval(drip);
    for (const peer of peers) peer.destroy();
  });
  return peers;
}

test('every server ends who is silent, slow or stands still, by name, and others are served meanwhile', async (t) => {
  const authority = new TestAuthority();
  const started = servers.flatMap((server) =>
    server.versions.map(async (version) => {
      const more = { handshakeTimeoutMs: 600 };
      const one = await server.start(t, { authority, policy: onlyTheVictim(authority), version, more });
      return { ...one, version, server };
    }),
  );
  await Promise.all(
    (await Promise.all(started)).map(async ({ port, refusals, version, server }) => {
      const peers = slowPeers(t, port, 5);
      const protocol = server.protocols[0] ?? 'bytes';
      const attacked = { ...server, port, protocol, version, authority, lets: 'one', tells: true, refusals } as const;
      await assertServed(attacked, 'beside the slow');
      await Promise.all(peers.map(closed));
      await eventually(() => refusals.length >= peers.length, `${server.name}: ${refusals.length} told`);
      assert.deepEqual(
        codesOf({ port, refusals }),
        peers.map(() => 'CS-TLS-002'),
        server.name,
      );
    }),
  );
});

function codesOf({ refusals }: StartedServer): readonly string[] {
  return refusals.map(({ code }) => code);
}

/** What a client reaches that calls a port of another kind. */
const answers: Readonly<Record<string, { readonly octets: Buffer; readonly codes: RegExp }>> = {
  'plain HTTP': { octets: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), codes: /^CS-TLS-011$/ },
  'a banner of SSH': { octets: Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), codes: /^CS-TLS-011$/ },
  'a greeting of SMTP': { octets: Buffer.from('220 mail.test ESMTP\r\n'), codes: /^CS-TLS-011$/ },
  'empty records': { octets: Buffer.from('1603030000'.repeat(200), 'hex'), codes: /^CS-TLS-001$/ },
  'a flood of warnings': { octets: Buffer.from('15030300020100'.repeat(5_000), 'hex'), codes: /^CS-TLS-00[13]$/ },
  'a record that is cut off': { octets: Buffer.from('160303007a0200', 'hex'), codes: /^CS-TLS-001$/ },
  'a hello of TLS 1.0': {
    octets: Buffer.from(`160301002a020000260301${'a5'.repeat(32)}00c01300`, 'hex'),
    codes: /^CS-TLS-00[14]$/,
  },
  'nothing, and the end': { octets: Buffer.alloc(0), codes: /^CS-TLS-001$/ },
};

async function wrongPort(t: TestContext, answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', () => answer(socket));
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('every client names what answers in place of a handshake, and goes on to reach the right server', async (t) => {
  const authority = new TestAuthority();
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    for (const [what, { octets, codes }] of Object.entries(answers)) {
      const port = await wrongPort(t, (socket) => socket.end(octets));
      for (const [place, outcome] of (await everyClient(authority, port, version)).entries()) {
        const name = clients[place]?.name ?? '';
        // What the network did stays Node's to programs under `run`; whether that came first is chance.
        if (name === 'armOutbound' && /socket disconnected|ECONNRESET/.test(outcome)) continue;
        for (const code of codesIn(outcome)) assert.match(code, codes, `${name}, ${version}, ${what}`);
      }
    }
    const right = await attackingServer(t, presented(authority.issue('web')), version);
    assert.deepEqual(await everyClient(authority, right.port, version), fromEveryClient('admitted'));
  }
});

/** One that stands for two says both where they differ. */
function codesIn(outcome: string): readonly string[] {
  return outcome.match(/CS-[A-Z]+-\d+/g) ?? [outcome];
}

test('every client gives up a server that says nothing, or a byte now and then, when its time is over', async (t) => {
  const authority = new TestAuthority();
  const silent = await wrongPort(t, () => undefined);
  const slow = await wrongPort(t, (socket) => {
    const drip = setInterval(() => socket.write('\u0016'), 50);
    socket.once('close', () => clearInterval(drip));
  });
  const wanted = {
    policy: onlyTheVictim(authority),
    options: { ...clientOptions(authority, 'TLSv1.3'), timeoutMs: 400 },
  };
  const outcomes = await Promise.all(
    clients.flatMap((client) => [client.call({ port: silent }, wanted), client.call({ port: slow }, wanted)]),
  );
  for (const outcome of outcomes.flatMap(codesIn)) assert.match(outcome, /^CS-TLS-0(?:02|11)$/);
});
