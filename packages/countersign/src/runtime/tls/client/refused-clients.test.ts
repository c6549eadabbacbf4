/** A client that a server refuses gets the reason, whichever client it is, and not "Broken pipe". */
import assert from 'node:assert/strict';
import { get as httpsGet } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { request, WebSocket as UndiciWebSocket } from 'undici';
import { WebSocket } from 'ws';
import { systemClock } from '../../../ground/clock/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer, spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import {
  connect,
  connectHttp2,
  createDispatcher,
  createFetch,
  createHttpsAgent,
  createServer,
  type Credential,
  fixedSource,
  type MutualClientOptions,
  Trust,
} from '../index.ts';
import { underlying } from '../remote.ts';

const authority = new TestAuthority();
const stranger = new TestAuthority();
const clock = systemClock;
const host = '127.0.0.1';
const policy = allowAnyPeer();

function optionsOf(credential: Credential, more: Partial<MutualClientOptions> = {}): MutualClientOptions {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  return { trust, credentials: fixedSource(credential), clock, ...more };
}

async function ours(t: TestContext, minVersion: 'TLSv1.3' | 'TLSv1.2' = 'TLSv1.3'): Promise<number> {
  const options = { ...optionsOf(authority.issue('orders')), minVersion };
  const server = createServer(spiffeId('spiffe://test.internal/web'), options, (_request, response) =>
    response.end('in'),
  );
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host, port: 0 })).port;
}

async function bare(t: TestContext, more: TlsOptions, onSocket: (socket: TLSSocket) => void): Promise<number> {
  const { chain, privateKey } = authority.issue('orders');
  const server = createTlsServer({
    cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    key: privateKey.toPem(),
    ca: authority
      .bundles()
      .all()
      .flatMap(({ anchors }) => anchors.map(({ raw }) => encodePem('CERTIFICATE', raw))),
    requestCert: true,
    ...more,
  });
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(0, host);
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function reset(socket: TLSSocket): void {
  (underlying(socket) as Socket).resetAndDestroy();
}

/** What each client makes of a call: the answer's text, or its error. */
const callers: readonly { readonly name: string; call(port: number, options: MutualClientOptions): Promise<string> }[] =
  [
    {
      name: 'connect',
      call: async (port, options) => {
        const { socket } = await connect(policy, { ...options, host, port });
        socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        let text = '';
        for await (const part of socket) text += String(part);
        return text.slice(text.indexOf('\r\n\r\n') + 4);
      },
    },
    {
      name: 'createHttpsAgent',
      call: (port, options) => {
        const agent = createHttpsAgent(policy, options);
        return new Promise<string>((resolve, reject) => {
          httpsGet({ host, port, agent }, (response) => {
            let text = '';
            response.on('data', (part: Buffer) => (text += part.toString())).on('end', () => resolve(text));
          }).on('error', reject);
        }).finally(() => agent.destroy());
      },
    },
    {
      name: 'createDispatcher',
      call: async (port, options) => {
        const dispatcher = createDispatcher(policy, options);
        try {
          const answer = await request(`https://${host}:${port}/`, {
            dispatcher,
            method: 'POST',
            body: 'x'.repeat(1e6),
          });
          return await answer.body.text();
        } finally {
          await dispatcher.destroy();
        }
      },
    },
    {
      name: 'createFetch',
      call: async (port, options) => {
        const fetch = createFetch(policy, options);
        try {
          return await (await fetch(`https://${host}:${port}/`)).text();
        } finally {
          await fetch.close();
        }
      },
    },
    {
      name: 'ws over createHttpsAgent',
      call: (port, options) => {
        const agent = createHttpsAgent(policy, options);
        return new Promise<string>((_resolve, reject) => {
          new WebSocket(`wss://${host}:${port}/`, { agent }).on('error', reject);
        }).finally(() => agent.destroy());
      },
    },
  ];

const strangers: readonly (readonly [string, Credential, string])[] = [
  ['in the first stage', stranger.issue('web'), 'nothing'],
  ['in the first stage, expired', authority.issue('web', { notAfterMs: -10_000 }), 'nothing'],
  ['in the second stage', authority.issue('cron'), 'CS-PEER-007'],
];

for (const { name, call } of callers) {
  for (const [where, credential, said] of strangers) {
    test(`${name}: refused ${where}, the first time and the next`, async (t) => {
      const port = await ours(t);
      const told: Refusal[] = [];
      const options = optionsOf(credential, { onRefusal: (refusal) => told.push(refusal) });
      for (let count = 0; count < 2; count++) {
        await assert.rejects(call(port, options), (error) => isUnanswered(error, said));
      }
      assert.ok(told.length >= 2, 'reported as well');
    });
  }
}

test("undici's WebSocket over the dispatcher: refused with the reason", async (t) => {
  const port = await ours(t);
  const told: Refusal[] = [];
  const dispatcher = createDispatcher(
    policy,
    optionsOf(authority.issue('cron'), { onRefusal: (refusal) => told.push(refusal) }),
  );
  t.after(() => dispatcher.destroy());
  await new Promise((resolve) => {
    new UndiciWebSocket(`wss://${host}:${port}/`, { dispatcher }).addEventListener('error', resolve);
  });
  assert.deepEqual(
    told.map(({ code, evidence }) => [code, evidence['said']]),
    [['CS-TLS-016', 'CS-PEER-007']],
  );
});

function isUnanswered(error: unknown, said: string): boolean {
  assert.ok(isRefusal(error), String(error));
  assert.equal(error.code, 'CS-TLS-016', String(error));
  assert.equal(error.evidence['said'], said);
  return true;
}

test('an alert is told as such', async (t) => {
  const port = await ours(t);
  const { trust } = optionsOf(authority.issue('web'));
  const dispatcher = createDispatcher(policy, { trust, clock, serverAuthenticationOnly: true });
  t.after(() => dispatcher.destroy());
  await assert.rejects(
    request(`https://${host}:${port}/`, { dispatcher }),
    (error) => isRefusal(error) && error.code === 'CS-TLS-003' && String(error).includes('CERTIFICATE_REQUIRED'),
  );
});

test('a later connection that is reset before any answer is explained by one probe', async (t) => {
  const credential = authority.issue('web');
  let refusing = false;
  let connections = 0;
  const port = await bare(t, {}, (socket) => {
    connections++;
    if (refusing) reset(socket);
    else socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n'));
  });
  const fetch = createFetch(policy, optionsOf(credential));
  t.after(() => fetch.close());
  assert.equal((await fetch(`https://${host}:${port}/`)).status, 204);
  refusing = true;
  connections = 0;
  for (let count = 0; count < 3; count++) {
    await assert.rejects(fetch(`https://${host}:${port}/`), (error) => isUnanswered(error, 'nothing'));
  }
  assert.equal(connections, 4, 'one probe for three');
});

test('a server that lets in and resets is told apart: the probe heard nothing against this side', async (t) => {
  const port = await bare(t, {}, (socket) => socket.once('data', () => reset(socket)));
  const options = optionsOf(authority.issue('web'));
  const { socket } = await connect(policy, { ...options, host, port });
  socket.write('x');
  const error: unknown = await new Promise((resolve) => socket.once('error', resolve));
  assert.ok(isUnanswered(error, 'nothing'));
  assert.match(String(error), /reason ECONNRESET/);
});

test('a server may end a connection of bytes without a word', async (t) => {
  // Not at once: a server of Node 24 that ends as it is let in sends no ticket, and looks like one that refuses.
  const port = await bare(t, {}, (socket) => void setTimeout(() => socket.resume().end(), 20));
  const options = optionsOf(authority.issue('web'));
  const { socket } = await connect(policy, { ...options, host, port });
  for await (const part of socket) assert.fail(String(part));
});

test('a server without tickets is waited for no longer than two round trips of the handshake', async (t) => {
  const port = await bare(t, { maxVersion: 'TLSv1.2' }, (socket) => socket.write('hello'));
  const options = optionsOf(authority.issue('web'), { minVersion: 'TLSv1.2' });
  const { socket } = await connect(policy, { ...options, host, port });
  assert.equal(String(await new Promise((resolve) => socket.once('data', resolve))), 'hello');
  socket.destroy();
});

test('TLS 1.2: a refused client gets the reason in the handshake', async (t) => {
  const port = await bare(t, { maxVersion: 'TLSv1.2' }, () => undefined);
  const options = optionsOf(stranger.issue('web'), { minVersion: 'TLSv1.2' });
  await assert.rejects(connect(policy, { ...options, host, port }), (error) => isRefusal(error));
});

test('a server without HTTP/2 is refused by name where HTTP/2 was asked for', async (t) => {
  const port = await bare(t, {}, () => undefined);
  await assert.rejects(
    connectHttp2(policy, optionsOf(authority.issue('web')), { host, port }),
    (error) => isRefusal(error) && error.code === 'CS-TLS-001',
  );
});
