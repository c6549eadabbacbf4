/**
 * Class B, as far as the handlers of frameworks: what Express, Fastify and Hono say that the host of a request is, by which programs route and build
 * addresses, is the host of the handshake; also for a program behind the front that believes what a proxy tells it.
 * Stands for: Caddy CVE-2018-21246; Istio CVE-2021-39155; apisix#8967.
 */
import assert from 'node:assert/strict';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import {
  createServer,
  type MutualTlsServer,
  type RequestHandler,
  type ServerOptions,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { createFront } from '../../packages/countersign/src/traffic/sidecar/index.ts';
import { trustIn } from './endpoints.ts';
import { pemOf, presented } from './presented.ts';
import { type Called, credentialsByHost, dialing, headOf, heads, other, own } from './routed.ts';

const authority = new TestAuthority();
const client = presented(authority.issue('web'));

/** Each answers with the host, as it finds it. */
const frameworks: Readonly<Record<string, () => RequestHandler | Promise<RequestHandler>>> = {
  Express: () => {
    const app = express();
    return app.use((asked, response) => void response.send(`host ${asked.hostname}`));
  },
  'Express behind a proxy': () => {
    const app = express();
    app.set('trust proxy', true);
    return app.use((asked, response) => void response.send(`host ${asked.hostname}`));
  },
  Fastify: async () => {
    const app = Fastify();
    app.all('*', (asked) => `host ${asked.hostname}`);
    await app.ready();
    return (asked, response) => app.routing(asked, response);
  },
  Hono: () => {
    const app = new Hono();
    app.all('*', (c) => c.text(`host ${new URL(c.req.url).hostname}`));
    const listener = getRequestListener(app.fetch);
    return (asked, response) => void listener(asked, response);
  },
  'an address of host and target': () => (asked, response) => {
    const { url = '', headers } = asked;
    const address = URL.parse(url) ?? URL.parse(`https://${headers.host ?? ''}${url}`);
    response.end(`host ${address?.hostname ?? ''}`);
  },
};

const forwarded = headOf('/', [own], [`X-Forwarded-Host: ${other}`, `Forwarded: host=${other}`, 'Connection: close']);

/** The hosts that the handler found, by what was tried. */
async function found(called: Called, tried: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (const [what, head] of Object.entries(tried)) {
    const socket = connect(dialing(called));
    let seen = '';
    socket.on('data', (bytes: Buffer) => (seen += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.write(`${head}\r\n`, 'latin1');
    await new Promise((resolve) => socket.once('close', resolve));
    const host = /\r\n\r\n(?:[0-9a-f]+\r\n)?host ([^\r\n]*)/.exec(seen)?.[1];
    if (host !== undefined) answers.set(what, host);
  }
  return answers;
}

function isOther(host: string): boolean {
  return host.toLowerCase().replace(/\.$/, '') === other;
}

async function portOf(t: TestContext, server: Server): Promise<number> {
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function calledAt(t: TestContext, server: MutualTlsServer): Promise<Called> {
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, version: 'TLSv1.3', client, servername: own };
}

function options(): ServerOptions {
  const onRefusal = (): void => undefined;
  return { trust: trustIn(authority), credentials: credentialsByHost(authority), clock: systemClock, onRefusal };
}

for (const [name, handler] of Object.entries(frameworks)) {
  test(`${name}: on a bare server it finds another host, and on ours and behind the front it does not`, async (t) => {
    const settings = { ...presented(authority.issue('orders')), ca: pemOf([authority.root.raw]), requestCert: true };
    const barePort = await portOf(t, createHttpsServer(settings, await handler()));
    const bare = { port: barePort, version: 'TLSv1.3', client, servername: own } as const;
    const fooled = [...(await found(bare, heads))].filter(([, host]) => isOther(host));
    assert.ok(fooled.length >= 4, `the hole is there: ${fooled.join('; ')}`);

    const ours = await found(await calledAt(t, createServer(allowAnyPeer(), options(), await handler())), heads);
    assert.deepEqual([...ours], [], 'no handler ran');

    const upstream = { host: '127.0.0.1', port: await portOf(t, createPlainServer(await handler())) };
    const called = await calledAt(
      t,
      createFront(allowAnyPeer(), { ...options(), own: () => 'x', upstream: () => upstream }),
    );
    assert.deepEqual(
      [...(await found(called, { ...heads, own: headOf('/', [own]), forwarded }))],
      [
        ['own', own],
        ['forwarded', own],
      ],
    );
  });
}
