/**
 * Class I. A peer that is verified goes on with messages of the handshake: renegotiations on TLS 1.2, one after the other, and new keys on TLS 1.3 without end.
 * Renegotiations end its connection; new keys cost it as much as the server, which answers many of them with one. Others are served, memory is bounded.
 * Stands for: CVE-2011-1473 (renegotiation as work for the server).
 *
 * A bare server of node:tls renegotiates three times in ten minutes before it gives up the connection; the first of them is shown to come about.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { servers, serversAndGateways } from '../bypass/endpoints.ts';
import { presented, type Presented } from '../bypass/presented.ts';
import { type AttackedServer, bareServer, knock } from '../bypass/servers.ts';
import { victimId } from '../bypass/victim.ts';

const authority = new TestAuthority();
const web = presented(authority.issue('web'));

interface Order {
  readonly port: number;
  readonly first: Presented;
  readonly second: Presented;
  readonly keyUpdates?: number;
}

interface Seen {
  readonly answers: readonly string[];
  readonly error: string;
}

async function callTwice(order: Order): Promise<Seen> {
  const program = join(import.meta.dirname, '../bypass/renegotiator.ts');
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(order));
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  await once(child, 'close');
  return JSON.parse(seen) as Seen;
}

/** So many that a server that kept something of each would show it. */
const keyUpdates = 2_000;
const mostLeftBytes = 50 * 2 ** 20;

test('new keys without end are no work for others, and nothing is kept of them', async (t) => {
  for (const server of serversAndGateways.filter(({ protocols }) => protocols.includes('http/1.1'))) {
    const { port, refusals } = await server.start(t, { authority, policy: allowAnyPeer(), version: 'TLSv1.3' });
    const attacked: AttackedServer = {
      name: server.name,
      port,
      refusals,
      version: 'TLSv1.3',
      protocol: 'http/1.1',
      authority,
      lets: 'all',
      tells: true,
    };
    const before = process.memoryUsage().rss;
    const attacking = callTwice({ port, first: web, second: web, keyUpdates });
    let over = false;
    void attacking.then(() => (over = true));
    do {
      const began = performance.now();
      assert.equal((await knock(attacked, web)).admittedAs[0], victimId(authority), server.name);
      assert.ok(performance.now() - began < 5_000, `${server.name}: others wait`);
    } while (!over);
    const { answers, error } = await attacking;
    assert.match(answers[0] ?? '', /web/, server.name);
    // Whether it is still served afterwards is its own affair.
    assert.ok(error !== '' || answers.length === 2, server.name);
    assert.ok(process.memoryUsage().rss - before < mostLeftBytes, server.name);
  }
});

test('a renegotiation with the same certificate is refused as well, as a bare server does not', async (t) => {
  const bare = await bareServer(t, authority, 'TLSv1.2', () => true);
  assert.equal((await callTwice({ port: bare.port, first: web, second: web })).error, '');
  for (const server of servers.filter(({ protocols }) => protocols.includes('http/1.1'))) {
    const { port } = await server.start(t, { authority, policy: allowAnyPeer(), version: 'TLSv1.2' });
    assert.match((await callTwice({ port, first: web, second: web })).error, /no renegotiation/, server.name);
  }
});
