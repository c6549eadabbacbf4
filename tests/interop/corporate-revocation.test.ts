/**
 * What a corporate authority revokes reaches an endpoint of ours that its own feed tells nothing of: by lists that `openssl ca` makes, by file and by
 * address, and by `openssl ocsp`; and what is then not to be had lets in nobody, or whom softness lets in.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test, type TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';

import { manualClock, type ManualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { parsePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { dnsName } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import { readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import { parsePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { createTlsServer, fixedSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { openStatusMeans, type StatusMeans } from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import {
  countersign,
  type Ended,
  type Folder,
  type RunningAuthority,
  startAuthority,
  temporaryFolder,
} from '../e2e/command.ts';
import { startRun } from '../e2e/running-program.ts';
import { Corporation, type CorporateAuthority } from './corporate.ts';
import { type Issued, IssuingByOpenssl } from './issuing-by-openssl.ts';
import { missing } from './peers.ts';
import { take, trustDomain } from './under-corporate-root.ts';

const skip = missing('openssl');
const partner = `partner.${trustDomain}`;

let folder: Folder;
let root: CorporateAuthority;
let corporation: Corporation;
let issuing: IssuingByOpenssl;
/** One that is never revoked, with which the server comes. */
let own: Issued;

before(async () => {
  folder = await temporaryFolder();
  if (skip !== false) return;
  await mkdir(folder.in('corp'));
  corporation = new Corporation(folder.in('corp'));
  root = await corporation.root('Root');
  issuing = await IssuingByOpenssl.open(folder.in('corp'), root);
  own = await issuing.issue(`orders.${trustDomain}`);
});

after(() => folder.remove());

interface Called {
  readonly socket: TLSSocket;
  /** Resolves with what the server said: its greeting, or nothing where it let nobody in. */
  readonly greeting: Promise<string>;
  readonly closed: Promise<unknown>;
}

async function call(port: number, as: Issued): Promise<Called> {
  const [cert, key] = [await readFile(as.certificate), await readFile(as.key)];
  const socket = connectTls({ host: '127.0.0.1', port, cert, key, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  const said = new Promise<string>((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data.toString()));
    void closed.then(() => resolve(''));
  });
  return { socket, closed, greeting: said };
}

const greetingOf = async (port: number, as: Issued): Promise<string> => {
  const { socket, greeting } = await call(port, as);
  const said = await greeting;
  socket.destroy();
  return said;
};

const verified = (one: Issued, ...asked: string[]): Promise<Ended> =>
  countersign([
    ...['verify', one.certificate, '--roots', root.certificate, '--purpose', 'client', '--profile', 'rfc5280'],
    ...['--revocation', '--allow-private-revocation-sources', '--json', ...asked],
  ]);

interface Endpoint {
  readonly port: number;
  readonly clock: ManualClock;
  readonly refusals: Refusal[];
  readonly warnings: Refusal[];
  readonly trust: Trust;
  settled(): Promise<void>;
}

/** A server that trusts the corporate root alone and follows no feed; it greets whom it lets in. */
async function endpoint(t: TestContext, means: Partial<StatusMeans>): Promise<Endpoint> {
  const clock = manualClock(Date.now());
  const anchors = readCertificatesPem(await readFile(root.certificate, 'utf8'));
  const bundles = fixedSource(new BundleSet(trustDomain, [{ trustDomain, anchors, intermediates: [], sequence: 1 }]));
  const [refusals, warnings]: Refusal[][] = [[], []];
  const opened = openStatusMeans(
    {
      ...{ lists: [], listsFromCertificates: false, ocsp: 'none', undetermined: 'refuse', privateRanges: 'allow' },
      ...means,
    },
    { clock, toldByFeed: undefined, onWarning: (warning) => warnings!.push(warning) },
  );
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock, ...opened.trustOptions });
  const chain = parsePem(await readFile(own.certificate, 'utf8')).map(({ bytes }) => bytes);
  const server = createTlsServer(
    dnsName(partner),
    {
      trust,
      credentials: fixedSource({ chain, privateKey: parsePrivateKey(await readFile(own.key, 'utf8')) }),
      clock,
      onRefusal: (refusal) => refusals!.push(refusal),
      onClosed: (refusal) => refusals!.push(refusal),
    },
    ({ socket }) => void socket.on('error', () => undefined).write('hello'),
  );
  t.after(async () => {
    await server.close({ graceMs: 0 });
    opened.close();
    trust.close();
  });
  await opened.settled();
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, clock, refusals: refusals!, warnings: warnings!, trust, settled: opened.settled };
}

test('a list by address: the next one closes who is in and is revoked, and nobody else', { skip }, async (t) => {
  const [bad, good] = [await issuing.issue(partner), await issuing.issue(partner)];
  let published = await issuing.list();
  const asked: string[] = [];
  const publisher = createHttpServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(published);
  }).listen(0, '127.0.0.1');
  await once(publisher, 'listening');
  t.after(() => publisher.close());
  const url = `http://127.0.0.1:${String((publisher.address() as AddressInfo).port)}/root.crl`;
  const { port, clock, refusals, settled } = await endpoint(t, { lists: [{ url }] });
  const calls = [await call(port, bad), await call(port, good)] as const;
  for (const { greeting } of calls) assert.equal(await greeting, 'hello', String(refusals));
  await issuing.revoke(bad);
  published = await issuing.list();
  // In steps that a fetch may take, whose limit runs by the same clock.
  for (let passed = 0; passed < 45 * 60_000; passed += 20_000) {
    clock.advance(20_000);
    await settled();
  }
  await calls[0].closed;
  assert.deepEqual([asked.length, refusals.map(({ code }) => code)], [2, ['CS-PEER-008']]);
  assert.equal(calls[1].socket.destroyed, false);
  calls[1].socket.destroy();
  assert.deepEqual([await greetingOf(port, bad), await greetingOf(port, good)], ['', 'hello']);
  assert.equal(refusals.at(-1)?.code, 'CS-PEER-008');
  for (const [one, code, status] of [
    [good, null, 'good'],
    [bad, 'CS-CRL-002', 'revoked'],
  ] as const) {
    const { result } = await verified(one, '--crl', url);
    const [told] = result['revocation'] as { means: string; status: string; ageSeconds: number }[];
    assert.deepEqual([result['code'], told?.means, told?.status], [code, 'crl', status]);
    assert.equal(Number.isSafeInteger(told?.ageSeconds), true);
  }
});

test('openssl ocsp: good is let in, revoked is not; when it is gone hardness refuses', { skip }, async (t) => {
  const [bad, good, later] = [await issuing.issue(partner), await issuing.issue(partner), await issuing.issue(partner)];
  await issuing.revoke(bad);
  const responder = await issuing.startResponder();
  t.after(() => responder.stop());
  const ocsp = { responder: responder.url };
  const hard = await endpoint(t, { ocsp });
  const soft = await endpoint(t, { ocsp, undetermined: 'letInUnlessKnownRevoked' });
  for (const { port, refusals } of [hard, soft]) {
    assert.deepEqual([await greetingOf(port, good), await greetingOf(port, bad)], ['hello', ''], String(refusals));
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ['CS-PEER-008'],
    );
  }
  for (const [one, status] of [
    [good, 'good'],
    [bad, 'revoked'],
  ] as const) {
    const { result, err } = await verified(one, '--ocsp', responder.url);
    const [told] = result['revocation'] as { means: string; status: string }[];
    assert.deepEqual([told?.means, told?.status], ['ocsp', status], err);
  }
  await responder.stop();
  const nobody = await verified(good, '--ocsp', responder.url);
  assert.deepEqual([nobody.status, nobody.result['code']], [3, 'CS-FETCH-001'], nobody.err);
  assert.equal(await greetingOf(hard.port, later), '');
  assert.equal(hard.refusals.at(-1)?.code, 'CS-PEER-021');
  assert.deepEqual(soft.warnings, []);
  assert.equal(await greetingOf(soft.port, later), 'hello');
  assert.deepEqual(
    soft.warnings.map(({ code }) => code),
    ['CS-PEER-021'],
    'softness says so',
  );
  assert.equal(await greetingOf(soft.port, bad), '', 'what was called revoked stays so');
});

let authority: RunningAuthority | undefined;

after(() => authority?.stop());

test('run --crl FILE: who is revoked in the file that takes its place is closed and refused', { skip }, async () => {
  const [dir, request] = [folder.in('state'), folder.in('issuer.csr')];
  const create = ['authority', 'create', '--issuer', '--trust-domain', trustDomain, '--dir', dir, '--out', request];
  const made = await countersign([...create, '--json']);
  assert.equal(made.status, 0, made.err);
  const taken = await take(dir, await corporation.certify(request, root), '--anchor', root.certificate);
  assert.equal(taken.status, 0, taken.err);
  authority = await startAuthority(dir);
  const [bad, good] = [await issuing.issue(partner), await issuing.issue(partner)];
  const list = folder.in('root.crl');
  const publish = async (): Promise<void> => {
    await writeFile(`${list}.new`, await issuing.list());
    await rename(`${list}.new`, list);
  };
  await publish();
  const greeter = `require('node:net').createServer((socket) => socket.on('error', () => {}).write('hello')).listen(process.env.PORT, '127.0.0.1')`;
  const name = `orders.${trustDomain}`;
  const program = startRun(
    [
      ...['--as', name, '--allow', partner, '--allow', `web.${trustDomain}`, '--dir', dir, '--listen', '127.0.0.1:0'],
      ...['--tcp', '--crl', 'root.crl', '--', process.execPath, '-e', greeter],
    ],
    { cwd: folder.path },
  );
  try {
    const means = await program.until('revocation-means');
    assert.deepEqual([means['lists'], means['undetermined']], [[{ file: list }], 'refuse']);
    const port = Number((await program.until('front'))['port']);
    await program.until('upstream');
    const web = await countersign(['issue', `web.${trustDomain}`, '--dir', dir, '--out', folder.in('web')]);
    assert.equal(web.status, 0, web.err);
    const ofOurs = { certificate: folder.in('web', 'cert.pem'), key: folder.in('web', 'key.pem') };
    assert.equal(await greetingOf(port, ofOurs), 'hello', `the feed tells of it: ${program.said()}`);
    const calls = [await call(port, bad), await call(port, good)] as const;
    for (const { greeting } of calls) assert.equal(await greeting, 'hello', program.said());
    await issuing.revoke(bad);
    await publish();
    await calls[0].closed;
    await program.until('closed', ({ code }) => code === 'CS-PEER-008');
    assert.equal(calls[1].socket.destroyed, false);
    calls[1].socket.destroy();
    assert.equal(await greetingOf(port, bad), '');
    await program.until('refused', ({ code }) => code === 'CS-PEER-008');
  } finally {
    await program.stop();
  }
});
