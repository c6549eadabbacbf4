/** A client that keeps what a server gives it to resume with, and comes back with it: perhaps with another certificate, or with none. */
import { connect as connectHttp2 } from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import type { Protocol } from './endpoints.ts';
import { answerTo, requestIn } from './http2-request.ts';
import { exactly, type Presented, type TlsVersion } from './presented.ts';

export interface Visit {
  readonly port: number;
  readonly protocol: Protocol;
  readonly version: TlsVersion;
  /** `undefined` presents no certificate. */
  readonly client: Presented | undefined;
  readonly session?: Buffer | undefined;
  readonly servername?: string;
  /** What is asked for, over HTTP/1.1. */
  readonly path?: string;
}

export interface Visited {
  /** Whether both sides went on with what was kept, so that no certificate was shown or asked for. */
  readonly reused: boolean;
  /** What can be come back with, each once. */
  readonly sessions: readonly Buffer[];
  /** What the server said. */
  readonly answer: string;
}

/** Comes, asks once, and reads until the server has said all. */
export async function visit({ port, protocol, version, client, session, servername, path }: Visit): Promise<Visited> {
  const sessions: Buffer[] = [];
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ALPNProtocols: protocol === 'h2' ? ['h2'] : ['http/1.1'],
    ...exactly(version),
    ...client,
    ...(session && { session }),
    ...(servername !== undefined && { servername }),
  });
  let reused = false;
  socket.on('session', (one: Buffer) => sessions.push(one));
  socket.once('secureConnect', () => {
    reused = socket.isSessionReused();
    const own = socket.getSession();
    // On TLS 1.2 it is there with the handshake; on 1.3 what is there then resumes nothing.
    if (own !== undefined && version === 'TLSv1.2') sessions.push(own);
  });
  const answer = await (protocol === 'h2' ? askOverHttp2(socket, servername) : askInBytes(socket, servername, path));
  return { reused, sessions, answer };
}

/** As whom the server let the visitor in, by the last part of the SPIFFE ID; `undefined` where it did not. */
export function admittedAs({ answer }: Visited): string | undefined {
  if (answer.includes('urn:countersign:refusal:')) return undefined;
  return /spiffe:\/\/[^/"]+\/([a-z0-9-]+)/.exec(answer)?.[1];
}

/** The request's text is as good as any bytes for a server that speaks no HTTP. */
function askInBytes(socket: TLSSocket, host = 'x', path = '/'): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    socket.once('secureConnect', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    socket.on('error', (error) => (answer += String(error)));
    socket.once('close', () => resolve(answer));
  });
}

async function askOverHttp2(socket: TLSSocket, host = 'x'): Promise<string> {
  let answer = '';
  const session = connectHttp2(`https://${host}`, { createConnection: () => socket });
  session.on('error', () => undefined);
  try {
    answer += await answerTo(requestIn(session));
  } catch (error) {
    answer += String(error);
  } finally {
    session.destroy();
  }
  return answer;
}
