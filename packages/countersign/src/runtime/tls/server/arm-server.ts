/**
 * The second door: puts the second stage before a server that somebody else made, of node:https, node:http2 or node:tls. What it was made with
 * (certificate, trust, contexts by server name, session tickets) is replaced; its HTTP timeouts and its listeners stay its own.
 */
import { Server as HttpsServer } from 'node:https';
import type { Http2SecureServer } from 'node:http2';
import { Server as TlsServer, type TLSSocket } from 'node:tls';
import { Refusal } from '../../../ground/errors/index.ts';
import { buildContext, contextOptions } from '../context/context-options.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { gateReadable } from '../trust/gate.ts';
import { type HandOn, Interposition } from './interpose.ts';
import { RequestGuard } from './request-guard.ts';
import type { ServerOptions } from './server-options.ts';
import { contextInput, tlsServerOptions } from './tls-server-options.ts';

export interface ArmedServer {
  /** Open TCP connections, those in a handshake included. */
  readonly connections: number;
  /** Ends the watching of sources, as closing the server does. The server stays armed. */
  release(): void;
}

type Armable = HttpsServer | Http2SecureServer | TlsServer;

/** @param policy who may be the client; required, there is no default @param server before it listens @throws CS-TLS-014 */
export function armServer(policy: PolicyOrSource, server: Armable, options: ServerOptions): ArmedServer {
  requireIdle(server);
  const fields = fieldsOf(server, policy, options);
  const input = contextInput(options);
  buildContext(input);
  armed.add(server);
  for (const { key, value } of fields)
    Object.defineProperty(server, key, { value, writable: false, configurable: false });
  server.setSecureContext(contextOptions(input));
  const form = speaksHttp(server) ? 'http' : 'none';
  const interposition = new Interposition(policy, server, options, { handOn: handOnOf(server, options), form });
  emitThrough(server, (socket) => {
    interposition.decide(socket);
  });
  server.on('listening', () => {
    requireStill(server, fields);
  });
  server.once('close', interposition.release);
  return {
    get connections() {
      return interposition.sockets.size;
    },
    release: interposition.release,
  };
}

function requireIdle(server: Armable): void {
  if (!(server instanceof TlsServer))
    throw new TypeError('what is armed is a server of node:https, node:http2 or node:tls');
  const { _connections: connections = 0 } = server as TlsServer & { _connections?: number };
  if (server.listening || connections > 0) throw new Refusal('CS-TLS-014', { reason: 'it listens already' });
  if (armed.has(server)) throw new Refusal('CS-TLS-014', { reason: 'it is armed already' });
}

const armed = new WeakSet<TlsServer>();

interface Field {
  readonly key: string | symbol;
  readonly value: unknown;
}

/** What a server of Node reads at each connection, tried on the versions that the package supports: `setSecureContext` sets none of it. */
function fieldsOf(server: Armable, policy: PolicyOrSource, options: ServerOptions): readonly Field[] {
  const { requestCert, rejectUnauthorized, handshakeTimeout, SNICallback } = tlsServerOptions(policy, options, []);
  const noName = (_name: string, done: (error: null) => void): void => {
    done(null);
  };
  if (Reflect.get(server, 'ALPNCallback') !== undefined)
    throw new Refusal('CS-TLS-014', { reason: 'it chooses its protocol by a callback' });
  return [
    { key: ownField(server, 'requestCert'), value: requestCert },
    { key: ownField(server, 'rejectUnauthorized'), value: rejectUnauthorized },
    { key: ownField(server, 'ALPNCallback'), value: undefined },
    { key: symbolField(server, 'handshake-timeout'), value: handshakeTimeout },
    // Its own one gives contexts with tickets, or with another trust.
    { key: symbolField(server, 'snicallback'), value: SNICallback ?? noName },
    // A session by pre-shared key presents no certificate.
    { key: symbolField(server, 'pskcallback'), value: undefined },
    { key: symbolField(server, 'enableTrace'), value: false },
  ];
}

function ownField(server: Armable, name: string): string {
  if (Object.hasOwn(server, name)) return name;
  throw new Refusal('CS-TLS-014', { reason: `this version of Node keeps no ${name}` });
}

function symbolField(server: Armable, description: string): symbol {
  const found = Object.getOwnPropertySymbols(server).filter((symbol) => symbol.description === description);
  const [symbol] = found;
  if (symbol !== undefined && found.length === 1) return symbol;
  throw new Refusal('CS-TLS-014', { reason: `this version of Node keeps no ${description}` });
}

function requireStill(server: Armable, fields: readonly Field[]): void {
  if (fields.every(({ key, value }) => Reflect.get(server, key) === value)) return;
  server.close();
  server.emit('error', new Refusal('CS-TLS-014', { reason: 'it was changed after it was armed' }));
}

function speaksHttp(server: Armable): boolean {
  return server instanceof HttpsServer || 'updateSettings' in server;
}

/** By which the server's own listeners get what is admitted, those that were added later too. */
function handOnOf(server: Armable, options: ServerOptions): HandOn {
  if (speaksHttp(server)) {
    const guard = new RequestGuard(server, options);
    return guard.before(emitOf(server));
  }
  const emit = emitOf(server);
  return (socket, { live }) => {
    if (live !== undefined) gateReadable(socket, live);
    emit(socket);
  };
}

function emitOf(server: Armable): (socket: TLSSocket) => void {
  const emit: unknown = Reflect.get(server, 'emit');
  return (socket) => {
    if (typeof emit === 'function') Reflect.apply(emit, server, ['secureConnection', socket]);
  };
}

/** Nobody can listen around it: Node itself tells of a connection by `emit`. */
function emitThrough(server: Armable, decide: (socket: TLSSocket) => void): void {
  const emit: unknown = Reflect.get(server, 'emit');
  if (typeof emit !== 'function') throw new TypeError('a server of Node emits');
  const through = (event: unknown, ...emitted: readonly unknown[]): boolean => {
    if (event !== 'secureConnection') return Boolean(Reflect.apply(emit, server, [event, ...emitted]));
    decide(emitted[0] as TLSSocket);
    return true;
  };
  Object.defineProperty(server, 'emit', { value: through, writable: true, configurable: true });
}
