import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { presented } from '../../../../../../tests/fixtures/presented.ts';
import { systemClock as clock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { createHttp2Server, createServer, fixedSource, Trust } from '../index.ts';

const authority = new TestAuthority();

const servers = { createServer, createHttp2Server };

for (const [name, create] of Object.entries(servers))
  test(`an upgrade behind an unanswered request is a request in its turn, and alone it is one: ${name}`, async (t) => {
    const trust = new Trust({
      ...{ bundles: fixedSource(authority.bundles()), revocations: fixedSource(withoutRevocation), clock },
    });
    const waiting: ServerResponse[] = [];
    const server = create(
      allowAnyPeer(),
      { trust, credentials: fixedSource(authority.issue('orders')), clock },
      (request, response) => {
        const answered = response as ServerResponse;
        if (request.url === '/first') waiting.push(answered);
        else {
          answered.end('a request');
          waiting[0]?.end('the first');
        }
      },
      (_request, socket) => socket.end('HTTP/1.1 101 Yes\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nit is one'),
    );
    t.after(() => server.close({ graceMs: 0 }));
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const upgrade = 'GET / HTTP/1.1\r\nhost: a.test\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n';
    const first = 'GET /first HTTP/1.1\r\nhost: a.test\r\n\r\n';
    const said: string[] = [];
    for (const asked of [first + upgrade, upgrade]) {
      const socket = connectTls({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ...presented(authority.issue('web')),
      });
      t.after(() => socket.destroy());
      socket.write(asked);
      let text = '';
      for await (const octets of socket) {
        text += String(octets);
        if (/a request|it is one/.test(text)) break;
      }
      said.push(...(text.match(/the first|a request|it is one/g) ?? []));
    }
    assert.deepEqual(said, ['the first', 'a request', 'it is one']);
  });
