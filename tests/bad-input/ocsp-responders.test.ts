/**
 * Class C. What a responder may do when it is asked: answer nothing, HTML, a redirect to where it may not lead, 100 MB, or without end. A server of ours that insists
 * on an answer refuses who hangs on it with a code that names the cause, soon and after few octets, and serves others meanwhile and afterwards.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import { accessMethods, authorityInfoAccessExtension } from '../../packages/countersign/src/identity/x509/index.ts';
import { createTlsServer, fixedSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { openOcsp } from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import { type Holder, hourMs, makeRoot, makeService } from '../fixtures/certificates.ts';
import { answer, type Said, startResponder, type TestResponder } from '../fixtures/ocsp-scene.ts';

const now = Math.floor(Date.now() / 1000) * 1000;
const valid = { notBefore: now - hourMs, notAfter: now + 10 * hourMs };
const root = makeRoot({ subject: 'root', ...valid });
const server = makeService(root, { subject: 'server', ...valid });

const clientNaming = (uri: string): Holder =>
  makeService(root, {
    ...{ subject: 'client', ...valid },
    moreExtensions: [authorityInfoAccessExtension([{ method: accessMethods.ocsp, location: { uri: [uri] } }])],
  });

const goodOf = (of: Holder): Uint8Array =>
  answer({ of, signer: root, certificateIssuer: root, thisUpdate: now - 60_000 });

const perFetchTimeoutMs = 500;
/** Of a refusal, with what handshakes and a machine under load take. */
const soonMs = 5_000;
/** What buffers of this machine take from a responder that is read no further. */
const fewOctets = 16 * 1024 * 1024;

const ofOcsp = { 'content-type': 'application/ocsp-response' };

/** As fast as it is read. */
function flood(response: ServerResponse): void {
  const piece = Buffer.alloc(1024 * 1024);
  let left = 100;
  response.writeHead(200, { ...ofOcsp, 'content-length': String(left * piece.length) });
  const more = (): void => {
    while (left-- > 0) if (!response.write(piece)) return void response.once('drain', more);
  };
  more();
}

/** The same without saying how much it will be. */
function floodInChunks(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024);
  response.writeHead(200, ofOcsp);
  const more = (): void => {
    while (!response.destroyed) if (!response.write(piece)) return void response.once('drain', more);
  };
  more();
}

/** An octet now and then, for ever. */
function trickle(response: ServerResponse): void {
  response.writeHead(200, ofOcsp);
  const timer = setInterval(() => response.write('x'), 20);
  response.once('close', () => clearInterval(timer));
}

const wrong: readonly (readonly [what: string, said: Said, code: string])[] = [
  ['hangs', () => undefined, 'CS-FETCH-002'],
  ['trickles without end', trickle, 'CS-FETCH-002'],
  ['answers 100 MB', flood, 'CS-FETCH-003'],
  ['floods without end', floodInChunks, 'CS-FETCH-003'],
  [
    'answers HTML',
    (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>'),
    'CS-FETCH-008',
  ],
  [
    'redirects to a private address',
    (response) => void response.writeHead(302, { location: 'http://10.0.0.1/ocsp' }).end(),
    'CS-FETCH-006',
  ],
];

interface Scene {
  readonly responder: TestResponder;
  readonly refusals: Refusal[];
  /** What the server greets with, or nothing. */
  greeting(as: Holder): Promise<string>;
}

async function openResponder(t: TestContext): Promise<TestResponder> {
  const responder = await startResponder();
  t.after(() => responder.close());
  return responder;
}

async function scene(t: TestContext): Promise<Scene> {
  const anchors = [root.certificate];
  const trustDomain = 'own.internal';
  const bundles = fixedSource(new BundleSet(trustDomain, [{ trustDomain, anchors, intermediates: [], sequence: 1 }]));
  const common = { clock: systemClock };
  const check = openOcsp({
    ...{ ...common, privateRanges: ['127.0.0.0/8'], perFetchTimeoutMs },
    requireResponder: true,
  });
  const trust = new Trust({
    ...{ ...common, bundles, revocations: fixedSource(withoutRevocation) },
    statusChecks: [check],
  });
  const refusals: Refusal[] = [];
  const credentials = fixedSource({ chain: [server.certificate.raw], privateKey: server.key });
  const ours = createTlsServer(
    allowAnyPeer(),
    { ...common, trust, credentials, onRefusal: (refusal) => refusals.push(refusal) },
    ({ socket }) => void socket.on('error', () => undefined).end('hello'),
  );
  t.after(async () => {
    await ours.close({ graceMs: 0 });
    check.close();
    trust.close();
  });
  const { port } = await ours.listen({ host: '127.0.0.1', port: 0 });
  return {
    responder: await openResponder(t),
    refusals,
    greeting: async ({ certificate, key }) => {
      const cert = encodePem('CERTIFICATE', certificate.raw);
      const socket = connect({ host: '127.0.0.1', port, cert, key: key.toPem(), rejectUnauthorized: false });
      let said = '';
      socket.on('error', () => undefined).on('data', (data: Buffer) => (said += data.toString()));
      await once(socket, 'close');
      return said;
    },
  };
}

for (const [what, said, code] of wrong)
  test(`a responder that ${what}: named, bounded, and nobody else is harmed`, async (t) => {
    const { responder, refusals, greeting } = await scene(t);
    const neighbours = await openResponder(t);
    const [first, second, hanging] = [
      clientNaming(neighbours.url),
      clientNaming(neighbours.url),
      clientNaming(responder.url),
    ];
    neighbours.says(({ serial }) => goodOf(serial === first.certificate.serialNumber ? first : second));
    let written = (): number => 0;
    responder.says(() => {
      if (typeof said !== 'function') return said;
      return (response) => {
        const { socket } = response;
        written = () => socket?.bytesWritten ?? 0;
        said(response);
      };
    });
    const begin = systemClock.monotonic();
    const refused = greeting(hanging);
    await responder.heard(1);
    assert.equal(await greeting(first), 'hello', 'meanwhile');
    assert.equal(await refused, '');
    assert.ok(systemClock.monotonic() - begin < soonMs, 'not soon');
    assert.ok(written() < fewOctets, `${String(written())} octets were taken`);
    assert.deepEqual(
      refusals.map((refusal) => refusal.code),
      ['CS-PEER-021'],
    );
    assert.match(String(refusals[0]?.evidence['reason']), new RegExp(code));
    assert.equal(await greeting(second), 'hello', 'afterwards');
    assert.equal(await greeting(first), 'hello', 'from what is held');
  });
