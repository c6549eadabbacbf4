/**
 * Class B. A ClientHello may come in many TCP segments, and in many records of TLS (RFC 8446, 5.1). Who looks for the server name in the first of them
 * finds none and applies the policy of no name, while the rest of the handshake and the request are with another.
 * Stands for: Traefik CVE-2026-32305, CVE-2026-53622.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { allOf, type Protocol, serversAndGateways } from './endpoints.ts';
import { presented } from './presented.ts';
import {
  bareServerByName,
  type Called,
  credentialsByHost,
  dialing,
  headOf,
  other,
  own,
  sessionTo,
  statusOfHead,
  statusOfStream,
} from './routed.ts';

/** How the first record of a client is cut up: what is sent one after the other, each in a segment of its own. */
type Cut = (record: Buffer) => readonly Buffer[];

const headerBytes = 5;

/** Several records with a part of the message each; the first of them may be of another size. */
function inRecords(bytes: number, first: number = bytes): Cut {
  return (record) => {
    const message = record.subarray(headerBytes);
    const parts = [message.subarray(0, first), ...inSegments(bytes)(message.subarray(first))];
    return parts.map((part) => Buffer.concat([record.subarray(0, 3), Buffer.of(part.length >> 8, part.length), part]));
  };
}

function inSegments(bytes: number): Cut {
  return (record) =>
    Array.from({ length: Math.ceil(record.length / bytes) }, (_, at) => record.subarray(at * bytes, (at + 1) * bytes));
}

const cuts: Readonly<Record<string, Cut>> = {
  whole: (record) => [record],
  'a segment for the first octet': (record) => [record.subarray(0, 1), record.subarray(1)],
  'segments of 64 octets': inSegments(64),
  'two records': inRecords(16_384, 64),
  'a record for the first octet': inRecords(16_384, 1),
  'records of 40 octets': inRecords(40),
  'records of 100 octets in segments of 64': (record) => inSegments(64)(Buffer.concat(inRecords(100)(record))),
};

/** Stands before a server and cuts up the first record of each client. */
async function cutting(t: TestContext, port: number, cut: Cut): Promise<number> {
  const sockets = new Set<Socket>();
  const between = createTcpServer((caller) => {
    const onward = connectTcp({ host: '127.0.0.1', port, noDelay: true });
    for (const socket of [caller, onward]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    onward.pipe(caller);
    void sendFirst(caller, onward, cut).then(() => caller.pipe(onward));
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    between.close();
  });
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  return (between.address() as AddressInfo).port;
}

async function sendFirst(caller: Socket, onward: Socket, cut: Cut): Promise<void> {
  let seen = Buffer.alloc(0);
  while (seen.length < headerBytes || seen.length < headerBytes + seen.readUInt16BE(3)) {
    const [bytes] = (await once(caller, 'data')) as [Buffer];
    seen = Buffer.concat([seen, bytes]);
  }
  caller.pause();
  const end = headerBytes + seen.readUInt16BE(3);
  for (const piece of cut(seen.subarray(0, end))) {
    onward.write(piece);
    // Without a delay between them the system may put segments together.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  if (end < seen.length) onward.write(seen.subarray(end));
}

/** The names in the certificate that the server presents. */
async function presentedTo(called: Called, protocol: Protocol | undefined): Promise<string> {
  const socket: TLSSocket = connect({ ...dialing(called), ALPNProtocols: protocol === 'h2' ? ['h2'] : ['http/1.1'] });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  const names = socket.getPeerX509Certificate()?.subjectAltName ?? 'none';
  socket.destroy();
  return names;
}

/** The name that a router finds who looks for it in the first record, or the first segment, alone; as Traefik did. */
function nameInFirst(piece: Buffer): string | undefined {
  return piece.includes(other) ? other : undefined;
}

test('who looks into the first piece alone finds no name, and node:tls finds it in each', async (t) => {
  const [orders, admin] = [new TestAuthority(), new TestAuthority({ trustDomain: 'admin.internal' })];
  const client = presented(orders.issue('web'));
  const port = await bareServerByName(t, { orders, admin }, 'TLSv1.3');
  const missed: string[] = [];
  for (const [what, cut] of Object.entries(cuts)) {
    const between = await cutting(t, port, (record) => {
      const pieces = cut(record);
      if (nameInFirst(pieces[0] ?? record) === undefined) missed.push(what);
      return pieces;
    });
    const called = { port: between, version: 'TLSv1.3', client, servername: other } as const;
    assert.equal(await statusOfHead(called, headOf('/', [other])), 0, `${what}: the trust of the name is applied`);
  }
  assert.deepEqual(
    missed,
    Object.keys(cuts).filter((what) => what !== 'whole'),
    'the hole is there for who looks so',
  );
});

test('every server presents the credential of the name, and serves that host alone, however it comes', async (t) => {
  const authority = new TestAuthority();
  const client = presented(authority.issue('web'));
  const wanted = { authority, policy: allowAnyPeer(), credentials: credentialsByHost(authority) };
  const looking = serversAndGateways.flatMap((server) =>
    server.versions.map(async (version) => {
      const { port } = await server.start(t, { ...wanted, version });
      for (const [what, cut] of Object.entries(cuts)) {
        const told = `${server.name}, ${version}: ${what}`;
        const called = { port: await cutting(t, port, cut), version, client, servername: other };
        assert.equal(await presentedTo(called, server.protocols[0]), 'DNS:admin.test', told);
        if (server.protocols.includes('http/1.1')) {
          assert.equal(await statusOfHead(called, headOf('/', [other])), 200, told);
          assert.equal(await statusOfHead(called, headOf('/', [own])), 421, told);
        } else if (server.protocols.includes('h2')) {
          const session = await sessionTo(t, called);
          assert.equal(await statusOfStream(session, { ':authority': other }), 200, told);
          assert.equal(await statusOfStream(session, { ':authority': own }), 421, told);
        }
      }
    }),
  );
  await allOf(looking);
});
