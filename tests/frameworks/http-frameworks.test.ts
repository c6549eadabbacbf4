/** Express, Fastify and Hono behind our server: each handler finds its verified peer, and nobody reaches one without. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import Fastify, { type FastifyRequest } from 'fastify';
import { Hono } from 'hono';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  isVerifiedPeer,
  type RequestHandler,
  type VerifiedPeer,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import {
  expressPeer,
  fastifyPeer,
  fastifyRequirePeer,
  honoPeer,
  type PeerVariables,
} from '../../packages/countersign/src/surfaces/integrations/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { temporaryFolder } from '../e2e/command.ts';
import { missing, run } from '../interop/peers.ts';
import { adminAlone, ask, authority, serverOptions, serving } from './house.ts';

interface Framework {
  readonly name: string;
  /** `/` answers with the peer's name; `/admin` is for the administrator alone. Each handler that runs counts. */
  handler(ran: () => void): Promise<RequestHandler> | RequestHandler;
}

const nameOf = (peer: VerifiedPeer): string => {
  assert.ok(isVerifiedPeer(peer));
  return peer.name;
};

const frameworks: readonly Framework[] = [
  {
    name: 'Express',
    handler: (ran) => {
      const app = express();
      app.use(expressPeer());
      app.get('/', ({ peer }, response) => {
        ran();
        response.send(nameOf(peer));
      });
      app.get('/admin', expressPeer(adminAlone), ({ peer }, response) => {
        ran();
        response.send(`admin ${nameOf(peer)}`);
      });
      return app;
    },
  },
  {
    name: 'Fastify',
    handler: async (ran) => {
      const app = Fastify();
      const peerOf = (request: FastifyRequest): string => nameOf((request as unknown as { peer: VerifiedPeer }).peer);
      // Before the plugin, and after it within a scope of its own.
      app.get('/', (request) => {
        ran();
        return peerOf(request);
      });
      await app.register(fastifyPeer);
      await app.register(async (scope) => {
        await Promise.resolve();
        scope.get('/admin', { onRequest: fastifyRequirePeer(adminAlone) }, (request) => {
          ran();
          return `admin ${peerOf(request)}`;
        });
      });
      await app.ready();
      return (request, response) => app.routing(request, response);
    },
  },
  {
    name: 'Hono',
    handler: (ran) => {
      const app = new Hono<{ Variables: PeerVariables }>();
      app.use(honoPeer());
      app.get('/', (c) => {
        ran();
        assert.equal(c.var.peer, c.get('peer'));
        return c.text(nameOf(c.var.peer));
      });
      app.get('/admin', honoPeer(adminAlone), (c) => {
        ran();
        return c.text(`admin ${nameOf(c.get('peer'))}`);
      });
      const listener = getRequestListener(app.fetch);
      return (request, response) => void listener(request, response);
    },
  },
];

for (const { name, handler } of frameworks) {
  test(`${name}: a handler finds its peer, and a route may ask for more`, async (t) => {
    let ran = 0;
    const port = await serving(t, await handler(() => ran++));
    assert.deepEqual(await ask(t, port, '/', authority.issue('web')), {
      status: 200,
      text: 'spiffe://test.internal/web',
    });
    const admin = await ask(t, port, '/admin', authority.issue('admin'));
    assert.deepEqual(admin, { status: 200, text: 'admin spiffe://test.internal/admin' });
    assert.equal(ran, 2);
    const refused = await ask(t, port, '/admin', authority.issue('web'));
    assert.equal(refused.status, 403);
    assert.deepEqual(JSON.parse(refused.text), {
      type: 'urn:countersign:refusal:CS-PEER-007',
      title: 'peer not allowed',
      status: 403,
      code: 'CS-PEER-007',
      evidence: {},
    });
    await assert.rejects(ask(t, port, '/', new TestAuthority().issue('web')));
    await assert.rejects(ask(t, port, '/', authority.issue('cron')), 'refused before the framework');
    assert.equal(ran, 2, 'no handler ran for a refused one');
  });

  test(`${name}: without a verified peer there is an answer with the code, and no handler`, async (t) => {
    let ran = 0;
    const app = await handler(() => ran++);
    // Certificates are optional there; and here there are none at all.
    const port = await serving(t, app, { clientCertificate: 'optional' });
    const untrusted = await ask(t, port, '/', new TestAuthority().issue('web')).catch(() => undefined);
    assert.notEqual(untrusted?.status, 200);
    const plain = createPlainServer(app);
    t.after(() => plain.close());
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    for (const path of ['/', '/admin', '/absent']) {
      const response = await fetch(`http://127.0.0.1:${(plain.address() as AddressInfo).port}${path}`);
      assert.equal(response.status, 403, path);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      assert.equal(((await response.json()) as { code: string }).code, 'CS-PEER-001');
    }
    assert.equal(ran, 0);
  });
}

const skip = missing('curl');

test('curl finds each framework, and is refused where it should be', { skip }, async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  await writeFile(folder.in('roots.pem'), encodePem('CERTIFICATE', authority.root.raw));
  for (const name of ['web', 'admin', 'cron']) {
    const { chain, privateKey } = authority.issue(name);
    await writeFile(folder.in(`${name}.pem`), chain.map((der) => encodePem('CERTIFICATE', der)).join(''));
    await writeFile(folder.in(`${name}.key`), privateKey.toPem());
  }
  const curl = async (port: number, path: string, own: readonly string[]): Promise<string> => {
    const where = ['--resolve', `orders.test:${port}:127.0.0.1`, `https://orders.test:${port}${path}`];
    const common = ['-q', '-sS', '--noproxy', '*', '--max-time', '15', '--cacert', folder.in('roots.pem')];
    return (await run('curl', [...common, ...own, '-w', ' %{http_code}', ...where])).out;
  };
  const as = (name: string): string[] => ['--cert', folder.in(`${name}.pem`), '--key', folder.in(`${name}.key`)];
  for (const { name, handler } of frameworks) {
    const port = await serving(t, await handler(() => undefined), serverOptions());
    assert.equal(await curl(port, '/', as('web')), 'spiffe://test.internal/web 200', name);
    assert.equal(await curl(port, '/admin', as('admin')), 'admin spiffe://test.internal/admin 200', name);
    assert.match(await curl(port, '/admin', as('web')), /CS-PEER-007.* 403$/, name);
    assert.match(await curl(port, '/', as('cron')), /CS-PEER-007.* 403$/, name);
    assert.doesNotMatch(await curl(port, '/', []), /200/, name);
  }
});

test('what is no policy is refused when a route is made', () => {
  // @ts-expect-error -- a policy is made by countersign/authorization alone
  assert.throws(() => expressPeer({ kind: 'any-peer' }), TypeError);
  // @ts-expect-error -- the same
  assert.throws(() => honoPeer('spiffe://test.internal/web'), TypeError);
  // @ts-expect-error -- a policy must be given
  assert.throws(() => fastifyRequirePeer(), TypeError);
});
