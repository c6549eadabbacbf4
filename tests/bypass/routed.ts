/** Asking one server for one host while the handshake was with another, in HTTP/1.1 byte by byte and in HTTP/2 field by field. */
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { connect, createSecureContext, type ConnectionOptions } from 'node:tls';
import { fixedSource, type NamedCredentials } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { requestIn } from './http2-request.ts';
import { exactly, pemOf, presented, type Presented, type TlsVersion } from './presented.ts';

/** The host of the handshake, and the one that is asked for. */
export const own = 'orders.test';
export const other = 'admin.test';

/** A credential for each host, as a server of both has them. */
export function credentialsByHost(authority: TestAuthority): NamedCredentials {
  const of = (name: string): ReturnType<typeof fixedSource<ReturnType<TestAuthority['issue']>>> =>
    fixedSource(authority.issue(name, { names: { dns: [`${name}.test`] } }));
  return {
    otherwise: of('any'),
    byServerName: { [own]: of('orders'), [other]: of('admin'), '*.shop.test': of('shop') },
  };
}

export interface Called {
  readonly port: number;
  readonly version: TlsVersion;
  readonly client: Presented;
  /** Default: none is sent. */
  readonly servername?: string | undefined;
}

export function dialing({ port, version, client, servername }: Called): ConnectionOptions {
  const name = servername === undefined ? {} : { servername };
  return { host: '127.0.0.1', port, rejectUnauthorized: false, ...exactly(version), ...client, ...name };
}

/** The status of the answer to this head of a request, without its last empty line; 0 where the connection ended without one. */
export async function statusOfHead(called: Called, head: string): Promise<number> {
  const socket = connect(dialing(called));
  let seen = '';
  socket.on('data', (bytes: Buffer) => {
    seen += bytes.toString('latin1');
    // Upgrades and tunnels have no end of their own.
    if (seen.startsWith('HTTP/1.1 101 ')) socket.destroy();
  });
  socket.on('error', () => undefined);
  socket.write(`${head}\r\n`, 'latin1');
  await new Promise((resolve) => socket.once('close', resolve));
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(seen)?.[1] ?? 0);
}

/** With which nothing but the routed name is asked: `target` and lines of `Host`. */
export function headOf(
  target: string,
  hosts: readonly string[],
  more: readonly string[] = ['Connection: close'],
): string {
  return [`GET ${target} HTTP/1.1`, ...hosts.map((host) => `Host: ${host}`), ...more, ''].join('\r\n');
}

/** By what they try: heads of HTTP/1.1 that some router takes for the other host. */
export const heads: Readonly<Record<string, string>> = {
  'another host': headOf('/', [other]),
  'in capitals': headOf('/', ['ADMIN.TEST']),
  'with a port': headOf('/', [`${other}:443`]),
  'with a dot at its end': headOf('/', [`${other}.`]),
  'two hosts, the own first': headOf('/', [own, other]),
  'two hosts, the own last': headOf('/', [other, own]),
  'a list': headOf('/', [`${own}, ${other}`]),
  'user information, the own first': headOf('/', [`${own}@${other}`]),
  'user information, the own last': headOf('/', [`${other}@${own}`]),
  'a password, the own last': headOf('/', [`${other}:443@${own}`]),
  'a backslash': headOf('/', [`${other}\\@${own}`]),
  'a path in it': headOf('/', [`${other}/@${own}`]),
  'the absolute form': headOf(`https://${other}/`, [own]),
  'the absolute form of plain HTTP': headOf(`http://${other}/`, [own]),
  'the absolute form in capitals': headOf(`HTTPS://ADMIN.TEST/`, [own]),
  'the absolute form with user information': headOf(`https://${other}:x@${own}/`, [own]),
  'the absolute form for the own, a header for the other': headOf(`https://${own}/`, [other]),
  'the absolute form without a header': headOf(`https://${other}/`, []),
  'a target that becomes a part of the host': headOf(`*@${other}/`, [own]),
  'a subdomain': headOf('/', [`${own}.${other}`]),
  'a wildcard': headOf('/', ['*.test']),
  'an address': headOf('/', ['127.0.0.1']),
  'an address of version 6': headOf('/', ['[::1]:443']),
  'an address in the clothes of a name': headOf('/', ['2130706433']),
  'a name in Unicode': headOf('/', ['\u00e4dmin.test']),
  'the same in ASCII': headOf('/', ['xn--dmin-moa.test']),
  escapes: headOf('/', ['%61dmin.test']),
  empty: headOf('/', ['']),
  'an upgrade': headOf('/', [other], ['Connection: upgrade, close', 'Upgrade: websocket']),
  'of HTTP/1.0': headOf('/', [other]).replace('HTTP/1.1', 'HTTP/1.0'),
  'a tunnel': headOf(`${other}:443`, [own]).replace('GET', 'CONNECT'),
};

export async function sessionTo(t: TestContext, called: Called): Promise<ClientHttp2Session> {
  const session = connectHttp2(`https://127.0.0.1:${called.port}`, { ...dialing(called), ALPNProtocols: ['h2'] });
  session.on('error', () => undefined);
  t.after(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}

/** The status of the answer, of a call of gRPC what is the same in HTTP; 0 where the stream was reset without one. */
export async function statusOfStream(session: ClientHttp2Session, headers: OutgoingHttpHeaders): Promise<number> {
  const tunnel = headers[':method'] === 'CONNECT';
  const stream = tunnel ? session.request(headers).end() : requestIn(session, headers);
  let status = 0;
  const told = (fields: IncomingHttpHeaders & IncomingHttpStatusHeader): void => {
    const { 'grpc-status': call, 'grpc-message': reason } = fields;
    status = call === undefined ? (fields[':status'] ?? status) : statusOfCall(String(call), String(reason));
  };
  stream.on('response', told);
  stream.on('trailers', told);
  stream.on('error', () => undefined);
  stream.resume();
  await new Promise((resolve) => stream.once('close', resolve));
  return status;
}

/** What each status of gRPC would be in HTTP: served, another host, no such method. */
function statusOfCall(call: string, reason: string): number {
  if (call === '0') return 200;
  if (call === '7' && reason === 'CS-TLS-012') return 421;
  return call === '12' ? 405 : 500;
}

/**
 * A server of node:https alone that has a trust for each name, chosen by `SNICallback`, and serves whichever host a request names: the hole. Whom `admin`
 * trusts, `orders` does not.
 */
export async function bareServerByName(
  t: TestContext,
  trusted: { readonly orders: TestAuthority; readonly admin: TestAuthority },
  version: TlsVersion,
): Promise<number> {
  const contextOf = (name: 'admin' | 'orders'): ReturnType<typeof createSecureContext> =>
    createSecureContext({
      ...presented(trusted[name].issue(name)),
      ca: pemOf([trusted[name].root.raw]),
      ...exactly(version),
    });
  const contexts = new Map([
    [own, contextOf('orders')],
    [other, contextOf('admin')],
  ]);
  const server = createHttpsServer(
    {
      ...presented(trusted.orders.issue('orders')),
      ca: pemOf([trusted.orders.root.raw]),
      requestCert: true,
      rejectUnauthorized: true,
      SNICallback: (name, done) => done(null, contexts.get(name)),
      ...exactly(version),
    },
    ({ headers }, response) => response.end(headers.host),
  );
  // A tunnel or an upgrade is served as any request.
  server.on('upgrade', (_asked, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
