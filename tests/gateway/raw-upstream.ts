/** An upstream that says what a test wants, octet for octet; and a gateway with one route to it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { startGateway, type WantedGateway } from './running-gateway.ts';
import type { OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { presented } from '../fixtures/presented.ts';

const authority = new TestAuthority();

/** Of the caller who is let in. */
export const caller: { readonly cert: string; readonly key: string; readonly rejectUnauthorized: false } = {
  ...presented(authority.issue('acme')),
  rejectUnauthorized: false,
};

export interface Behind {
  /** Of the target: `http`, or `h2c` for HTTP/2 without TLS. */
  readonly scheme?: 'http' | 'h2c';
  /** As in the file: `{ answerMs: 1000 }`. */
  readonly bounds?: string;
  readonly clock?: WantedGateway['clock'];
}

/** A gateway whose one host is `api.test`, and whose one route goes to `port`. */
export async function gatewayBefore(t: TestContext, port: number, behind: Behind = {}): Promise<OpenGateway> {
  const { scheme = 'http', bounds = '{}', clock } = behind;
  const domain = authority.trustDomain;
  return startGateway(t, {
    authorities: [authority],
    credentials: { main: authority.issue('gateway', { names: { dns: ['api.test'] } }) },
    withoutName: 'api.test',
    ...(clock && { clock }),
    rest: [
      `hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }`,
      'routes:',
      `  - { name: all, host: api.test, path: /, allow: ['spiffe://${domain}/acme'], upstream: one, bounds: ${bounds} }`,
      `upstreams: { one: { targets: ['${scheme}://127.0.0.1:${port}'], retries: false } }`,
      '',
    ].join('\n'),
  });
}

/** Calls `answer` with each connection's first octets. */
export async function rawUpstream(t: TestContext, answer: (socket: Socket, asked: string) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (octets) => answer(socket, octets.toString('latin1')));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
