/** A client of node:tls alone, which takes every server: what it presents is what is tried. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { encodePem } from '../../ground/encoding/index.ts';
import type { Credential } from '../../runtime/tls/index.ts';
import { trickle } from './trickle.ts';

export interface Destination {
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Sent as SNI. Default: none. */
  readonly servername?: string;
  /** What is sent after the handshake. Default a GET of HTTP/1.1 for /. */
  readonly request?: string;
  /** Between two bytes of a slow client. Default 1,000. */
  readonly everyMs?: number;
}

export interface Called {
  /** All that the server sent after the handshake; empty where it only ended the connection. */
  readonly answer: string;
  /** Of the answer, where it is one of HTTP/1.1. */
  readonly status: number | undefined;
  /** The code with which the server says that it refuses. */
  readonly refusedAs: string | undefined;
  /** How the connection ended, where it was by an error. */
  readonly error: string | undefined;
}

const defaultRequest = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** Resolves when the connection has ended: for those that say nothing, when the server has lost its patience. */
export function callAs(kind: string, credential: Credential | undefined, destination: Destination): Promise<Called> {
  const { port, host = '127.0.0.1', servername = '', request = defaultRequest, everyMs = 1_000 } = destination;
  if (kind === 'silent') return heard(connectTcp({ host, port }));
  if (kind === 'slow') {
    const socket = connectTcp({ host, port, noDelay: true });
    socket.once('connect', () => trickle(socket, everyMs));
    return heard(socket);
  }
  const socket = connectTls({ host, port, servername, rejectUnauthorized: false, ...pemOf(credential) });
  socket.once('secureConnect', () => socket.write(request));
  return heard(socket);
}

export function pemOf(credential: Credential | undefined): { key?: string; cert?: string } {
  if (credential === undefined) return {};
  const cert = credential.chain.map((der) => encodePem('CERTIFICATE', der)).join('');
  return { key: credential.privateKey.toPem(), cert };
}

function heard(socket: Socket): Promise<Called> {
  return new Promise((resolve) => {
    let answer = '';
    let error: string | undefined;
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    socket.on('error', (cause) => (error = 'code' in cause ? String(cause.code) : cause.message));
    socket.once('close', () => {
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1];
      const refusedAs = /"code":"(CS-[A-Z0-9]+-\d+)"/.exec(answer)?.[1];
      resolve({ answer, status: status === undefined ? undefined : Number(status), refusedAs, error });
    });
  });
}
