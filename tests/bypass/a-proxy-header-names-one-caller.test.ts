/**
 * Classes G and E over PROXY headers, as a service that takes them apart by hand reads them behind a running gateway: each connection is of one caller, whose name is
 * what was verified of him. What another reader would take for two names, a shorter one or somebody else's is not said, and no certificate makes a header
 * longer than readers take. Stands for: Spring CVE-2026-22747; Envoy CVE-2026-47778; NATS CVE-2026-33248; Node CVE-2021-44531.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import {
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeSetOf,
} from '../../packages/countersign/src/ground/encoding/index.ts';
import { thumbprint } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  rawGeneralName,
  TestAuthority,
  type TestCertificate,
} from '../../packages/countersign/src/surfaces/testing/index.ts';
import { presented } from '../fixtures/presented.ts';
import { startGateway } from '../gateway/running-gateway.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const idOf = (name: string): string => `spiffe://${domain}/${name}`;

/** TLVs by their types, those in the SSL TLV (0x20) among them; each type is there once. */
type Told = ReadonlyMap<number, Buffer>;

const [commonNameType, spiffeIdType, thumbprintType, partnerType] = [0x22, 0xe0, 0xe1, 0xe2];
/** Of header that nginx takes. */
const mostOctets = 4096;

function tlvsOf(octets: Buffer): [number, Buffer][] {
  const found: [number, Buffer][] = [];
  for (let at = 0; at < octets.length;) {
    const [type, end] = [octets.readUInt8(at), at + 3 + octets.readUInt16BE(at + 1)];
    assert.ok(end <= octets.length, 'a TLV ends within what holds it');
    found.push([type, octets.subarray(at + 3, end)]);
    at = end;
  }
  return found;
}

function readHeader(header: Buffer): Told {
  assert.equal(header.toString('latin1', 0, 12), '\r\n\r\n\0\r\nQUIT\n');
  assert.deepEqual([...header.subarray(12, 14)], [0x21, 0x11], 'PROXY, over TCP and IPv4');
  const all = tlvsOf(header.subarray(16 + 12)).flatMap(([type, value]) =>
    type === 0x20 ? [[type, value.subarray(0, 5)] as const, ...tlvsOf(value.subarray(5))] : [[type, value] as const],
  );
  const told = new Map(all);
  assert.equal(told.size, all.length, 'nothing is said twice');
  return told;
}

interface Service {
  readonly port: number;
  /** One for each connection that asked for something. */
  readonly told: Told[];
}

async function telling(t: TestContext): Promise<Service> {
  const told: Told[] = [];
  const server = createServer((socket) => {
    let seen: Buffer = Buffer.alloc(0);
    let header = 0;
    socket.on('error', () => undefined);
    socket.on('data', (piece: Buffer) => {
      seen = Buffer.concat([seen, piece]);
      if (header === 0 && seen.length >= 16 && seen.length >= 16 + seen.readUInt16BE(14)) {
        header = 16 + seen.readUInt16BE(14);
        assert.ok(header <= mostOctets, `${String(header)} octets of header`);
        told.push(readHeader(seen.subarray(0, header)));
      }
      if (header > 0 && seen.includes('\r\n\r\n', header))
        socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, told };
}

async function ask(port: number, shown: { readonly cert: string; readonly key: string }): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'api.test', rejectUnauthorized: false, ...shown });
  let seen = '';
  socket.on('data', (octets: Buffer) => (seen += octets.toString())).on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return `${/^HTTP\/1\.1 (\d+)/.exec(seen)?.[1] ?? 'nothing'}${/ ?CS-[A-Z]+-\d+/.exec(seen)?.[0] ?? ''}`;
}

const [utf8String, bmpString, teletexString] = [0x0c, 0x1e, 0x14];
const attribute = (octets: Uint8Array | string, tag = utf8String): Uint8Array =>
  encodeSequence(encodeOid('2.5.4.3'), encodeElement(tag, typeof octets === 'string' ? Buffer.from(octets) : octets));
/** A relative name for each. */
const named = (...attributes: readonly Uint8Array[]): TestCertificate => ({
  subject: encodeSequence(...attributes.map((one) => encodeSetOf([one]))),
});

/** By what a certificate for mallory says, the common name that goes along. */
const tried: Readonly<Record<string, readonly [TestCertificate, string | undefined]>> = {
  'a name of its own': [named(attribute('mallory')), 'mallory'],
  'the longest that there is': [named(attribute('é'.repeat(64))), 'é'.repeat(64)],
  // One TLV is one name, whatever a reader does at commas: by what he decides there is none in any other.
  'a comma': [named(attribute('mallory,web')), 'mallory,web'],
  NUL: [named(attribute('web\0mallory')), undefined],
  'a line': [named(attribute('mallory\r\nweb')), undefined],
  'an escape of a terminal': [named(attribute('web\u001b[2K')), undefined],
  'a character that turns the rest around': [named(attribute('\u202ebew')), undefined],
  'one that nobody sees': [named(attribute('web\u200b')), undefined],
  'the end of a line in Unicode': [named(attribute('mallory\u2028web')), undefined],
  'two names': [named(attribute('mallory'), attribute('web')), undefined],
  'two names in one part': [
    { subject: encodeSequence(encodeSetOf([attribute('web'), attribute('mallory')])) },
    undefined,
  ],
  'octets of an old string type': [named(attribute(Uint8Array.of(0x77, 0xe9, 0x62), teletexString)), undefined],
  'two octets a character': [named(attribute(Uint8Array.of(0, 0x77, 0x20, 0xac), bmpString)), 'w€'],
  'one character too much': [named(attribute('w'.repeat(65))), undefined],
  'more than a reader takes': [named(attribute('w'.repeat(5_000))), undefined],
  'nearly as much as a certificate may have': [named(attribute(Buffer.alloc(30_000, 0x4e), bmpString)), undefined],
};

/** What is let in by no certificate, so that nothing of it is said to anybody. */
const refused: Readonly<Record<string, TestCertificate>> = {
  // A common name that is not UTF-8 is not even handed on by OpenSSL, at either end.
  'a SPIFFE ID that is not ASCII': { rawNames: rawGeneralName(0x86, Buffer.from(`${idOf('mall')}\u00ff`, 'latin1')) },
  'two SPIFFE IDs': { names: { uri: [idOf('mallory'), idOf('web')] } },
  'a comma in a SPIFFE ID': { names: { uri: [`${idOf('mallory')},${idOf('web')}`] } },
  'a control in a SPIFFE ID': { names: { uri: [`${idOf('mallory')}\n`] } },
  'a certificate beyond what is read': named(attribute('w'.repeat(40_000))),
};

async function started(t: TestContext): Promise<Service & { readonly at: number }> {
  const service = await telling(t);
  const { port: at } = await startGateway(t, {
    authorities: [authority],
    credentials: { main: authority.issue('gateway') },
    rest: `partners: [{ name: let-in, trust: ${domain}, who: [{ spiffeId: 'spiffe://${domain}/**' }] }]
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: all, host: api.test, path: /, allow: [let-in], upstream: behind, identity: proxy-v2 }]
upstreams: { behind: { targets: ['http://127.0.0.1:${service.port}'] } }
`,
  });
  return { ...service, at };
}

test('whatever a certificate is called, its own verified name and thumbprint are told once, and nothing that reads as another', async (t) => {
  const { at, told } = await started(t);
  for (const [what, [wanted, commonName]] of Object.entries(tried)) {
    // One more name of each kind beside it is not said either.
    const names = { uri: [idOf('mallory')], dns: ['mallory.internal', 'web.internal'] };
    const caller = authority.issue('mallory', { names, ...wanted });
    assert.equal(await ask(at, presented(caller)), '204', what);
    const [last] = told.splice(0);
    const said = (type: number): string | undefined => last?.get(type)?.toString();
    assert.equal(said(commonNameType), commonName, what);
    const own = [idOf('mallory'), thumbprint(caller.chain[0] ?? new Uint8Array()), 'let-in'];
    assert.deepEqual([said(spiffeIdType), said(thumbprintType), said(partnerType)], own, what);
    assert.doesNotMatch(own.join(''), /[,\p{C}]/u, what);
  }
});

test('what has no one reading lets nobody in, and no service hears of it', async (t) => {
  const { at, told } = await started(t);
  for (const [what, wanted] of Object.entries(refused))
    assert.doesNotMatch(await ask(at, presented(authority.issue('mallory', wanted))), /^20|CS-GATEWAY-099/, what);
  assert.deepEqual(told, []);
});
