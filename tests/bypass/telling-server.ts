/** A bare server that tells each client, in its answer, as whom it came and on what connection; and that resumes, where a client asks for it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer, Http2ServerRequest, Http2ServerResponse, type ServerHttp2Session } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { Protocol } from './endpoints.ts';
import { answerCall, isCall } from './http2-request.ts';
import { exactly, type Presented, type TlsVersion } from './presented.ts';

export interface TellingServer {
  readonly port: number;
  /** One for each connection, in the order in which they came. */
  readonly connections: readonly ConnectionTold[];
  /** Requests that came in so far. */
  readonly asked: () => number;
  /** How many connections of this client are open now. */
  readonly openOf: (client: string) => number;
  /** From now on it presents this; what it gave to resume with before stays good. */
  become(identity: Presented): void;
}

export interface ConnectionTold {
  /** Which one it is, from 1. */
  readonly number: number;
  /** The last part of the SPIFFE ID in the client's certificate; `nobody` without one. */
  readonly client: string;
  /** The server name of the handshake. */
  readonly servername: string | undefined;
  readonly reused: boolean;
}

export interface Answer extends ConnectionTold {
  /** The server name of the request. */
  readonly host: string;
}

export interface Telling {
  readonly version: TlsVersion;
  readonly protocol: Protocol;
  /** Whether each connection ends with its first answer. Default false. */
  readonly closes?: boolean;
  /** How long it takes to answer. Default 0. */
  readonly answersAfterMs?: number;
}

const ticketKeys = Buffer.alloc(48, 7);

type Asked = IncomingMessage | Http2ServerRequest;
type Answering = ServerResponse | Http2ServerResponse;

export async function tellingServer(t: TestContext, identity: Presented, telling: Telling): Promise<TellingServer> {
  const { version, protocol, closes = false, answersAfterMs = 0 } = telling;
  const own = { ...identity, requestCert: true, rejectUnauthorized: false, ...exactly(version), ticketKeys };
  // Of HTTP/2's server node takes no other ALPN than its own.
  const h1 = protocol !== 'h2';
  const server = h1 ? createHttpsServer(own) : createSecureServer(own);
  const sockets = new Map<TLSSocket, ConnectionTold>();
  const connections: ConnectionTold[] = [];
  const byPort = new Map<number | undefined, ConnectionTold>();
  let count = 0;
  server.on('secureConnection', (socket: TLSSocket) => {
    const told = toldOf(socket, connections.length + 1);
    connections.push(told);
    byPort.set(socket.remotePort, told);
    sockets.set(
      socket.on('error', () => undefined),
      told,
    );
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session: ServerHttp2Session) => session.on('error', () => undefined));
  server.on('request', (asked: Asked, answer: Answering) => {
    count++;
    const told = byPort.get(asked.socket.remotePort);
    const host = asked instanceof Http2ServerRequest ? asked.authority : (asked.headers.host ?? '');
    if (closes && h1) answer.setHeader('connection', 'close');
    setTimeout(() => {
      const text = JSON.stringify({ ...told, host });
      if (answer instanceof Http2ServerResponse && isCall(asked)) answerCall(answer, text);
      else answer.end(text);
      if (closes && asked instanceof Http2ServerRequest) asked.stream.session?.close();
    }, answersAfterMs);
  });
  t.after(() => {
    for (const socket of sockets.keys()) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    asked: () => count,
    openOf: (client) => [...sockets.values()].filter((told) => told.client === client).length,
    become: (other) => {
      server.setSecureContext({ ...other, ...exactly(version) });
    },
  };
}

function toldOf(socket: TLSSocket, number: number): ConnectionTold {
  const { subjectaltname = '' } = socket.getPeerCertificate();
  return {
    number,
    client: /spiffe:\/\/[^/]+\/([a-z0-9-]+)/.exec(subjectaltname)?.[1] ?? 'nobody',
    servername: (socket as TLSSocket & { servername?: string | false }).servername || undefined,
    reused: socket.isSessionReused(),
  };
}
