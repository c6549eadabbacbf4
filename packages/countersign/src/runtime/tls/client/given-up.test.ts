/** A client that is destroyed in mid-handshake leaves no connection behind, and who asked hears of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { request } from 'undici';
import { systemClock as clock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import {
  armAgent,
  createDispatcher,
  createHttpsAgent,
  fixedSource,
  type MutualClientOptions,
  Trust,
} from '../index.ts';

interface Asking {
  readonly asked: Promise<unknown>;
  destroy(): unknown;
}

type Ask = (port: number, options: MutualClientOptions) => Asking;

function through(agent: Agent, port: number): Asking {
  const asked = new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, resolve).on('error', reject);
  });
  return { asked, destroy: () => agent.destroy() };
}

const clients: Readonly<Record<string, Ask>> = {
  createHttpsAgent: (port, options) => through(createHttpsAgent(allowAnyPeer(), options), port),
  'armAgent, of node:https': (port, options) => {
    const agent = new Agent();
    armAgent(allowAnyPeer(), options, agent);
    return through(agent, port);
  },
  createDispatcher: (port, options) => {
    const dispatcher = createDispatcher(allowAnyPeer(), options);
    const asked = request(`https://127.0.0.1:${port}/`, { dispatcher });
    return { asked, destroy: () => dispatcher.destroy() };
  },
};

for (const [name, ask] of Object.entries(clients)) {
  test(`${name}: a server that says nothing is left at once`, async (t) => {
    const authority = new TestAuthority();
    const trust = new Trust({
      bundles: fixedSource(authority.bundles()),
      revocations: fixedSource(withoutRevocation),
      clock,
    });
    const server = createServer();
    const closed = new Promise<void>((resolve) => {
      server.once('connection', (socket: Socket) => {
        t.after(() => socket.destroy());
        socket.on('error', () => undefined).once('close', () => resolve());
        socket.resume();
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const credentials = fixedSource(authority.issue('web'));
    const arrived = once(server, 'connection');
    // Longer than the test's own patience.
    const { asked, destroy } = ask(port, { trust, credentials, clock, timeoutMs: 600_000 });
    const outcome = assert.rejects(asked);
    await arrived;
    void destroy();
    await Promise.all([closed, outcome]);
  });
}
