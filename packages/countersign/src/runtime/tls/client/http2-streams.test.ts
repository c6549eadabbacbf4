/** A stream of HTTP/2 that is under way hands nothing on once its peer no longer passes, whoever made its session, also where no timer has come yet. */
import assert from 'node:assert/strict';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { Agent, request } from 'undici';
import { type Clock, systemClock } from '../../../ground/clock/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { armAgent, connectHttp2, createDispatcher, createFetch, fixedSource, Trust } from '../index.ts';
import type { ClientOptions } from './client-options.ts';

const authority = new TestAuthority();
const host = '127.0.0.1';
const dayMs = 86_400_000;

interface Server {
  readonly port: number;
  /** Its answers, which are under way. */
  readonly streams: readonly ServerHttp2Stream[];
}

/** Its answers begin with "first" and have no end; those for `/late` have not even begun. */
async function serving(t: TestContext): Promise<Server> {
  const { chain, privateKey } = authority.issue('orders');
  const streams: ServerHttp2Stream[] = [];
  const server = createSecureServer({
    cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    key: privateKey.toPem(),
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('stream', (stream, headers) => {
    streams.push(stream.on('error', () => undefined));
    if (headers[':path'] === '/late') return;
    stream.respond({ ':status': 200 });
    stream.write('first');
  });
  server.on('session', (session) => {
    session.on('error', () => undefined);
    t.after(() => session.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, streams };
}

/** As on a machine that slept: the wall clock moved on, and timers have not heard of it. */
function sleepingClock(): { readonly clock: Clock; sleep(): void } {
  let sleptMs = 0;
  const clock: Clock = {
    now: () => systemClock.now() + sleptMs,
    monotonic: () => systemClock.monotonic(),
    after: (delayMs, callback, options) => systemClock.after(delayMs, callback, options),
  };
  return { clock, sleep: () => void (sleptMs += dayMs) };
}

/** Opens a body of `path`; what it hands on is asked of the stream. */
type Opening = (options: ClientOptions, port: number, path: string) => Promise<{ body: Readable; end(): void }>;

const openings: Readonly<Record<string, Opening>> = {
  createDispatcher: async (options, port, path) => {
    const dispatcher = createDispatcher(allowAnyPeer(), options);
    const { body } = await request(`https://${host}:${port}${path}`, { dispatcher });
    return { body, end: () => void dispatcher.destroy() };
  },
  createFetch: async (options, port, path) => {
    const fetch = createFetch(allowAnyPeer(), options);
    const { body } = await fetch(`https://${host}:${port}${path}`);
    return { body: Readable.fromWeb(body as never), end: () => void fetch.close() };
  },
  armAgent: async (options, port, path) => {
    const dispatcher = new Agent({ allowH2: true });
    armAgent(allowAnyPeer(), options, dispatcher);
    const { body } = await request(`https://${host}:${port}${path}`, { dispatcher });
    return { body, end: () => void dispatcher.destroy() };
  },
  connectHttp2: async (options, port, path) => {
    const { session } = await connectHttp2(allowAnyPeer(), options, { host, port });
    session.on('error', () => undefined);
    const body = session.request({ ':path': path });
    await new Promise((resolve, reject) => body.once('response', resolve).once('error', reject));
    return { body, end: () => session.destroy() };
  },
};

function clientOptions(clock: Clock): ClientOptions {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  return { trust, clock, credentials: fixedSource(authority.issue('web')), onClosed: () => undefined };
}

for (const [name, open] of Object.entries(openings)) {
  test(`${name}: the chunks of a body that is under way`, async (t) => {
    const { port, streams } = await serving(t);
    const { clock, sleep } = sleepingClock();
    const { body, end } = await open(clientOptions(clock), port, '/');
    t.after(end);
    let got = '';
    const first = Promise.withResolvers<undefined>();
    const failed = new Promise((resolve) => body.once('error', resolve));
    body.on('data', (chunk: Uint8Array) => {
      got += Buffer.from(chunk).toString();
      first.resolve(undefined);
    });
    await first.promise;
    sleep();
    streams[0]?.end('second');
    await failed;
    assert.equal(got, 'first');
  });

  test(`${name}: an answer that has not begun`, async (t) => {
    const { port, streams } = await serving(t);
    const { clock, sleep } = sleepingClock();
    const answer = open(clientOptions(clock), port, '/late').then(
      ({ end }) => {
        end();
        return 'answered';
      },
      () => 'failed',
    );
    while (streams.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    sleep();
    streams[0]?.respond({ ':status': 200 });
    assert.equal(await answer, 'failed');
  });
}
