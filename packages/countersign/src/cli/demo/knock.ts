/** One stranger's real connection to a running service, made with bare node:tls: what it presents is its own affair, and so is what it sees. */
import { connect, type TLSSocket } from 'node:tls';
import type { Credential } from '../../runtime/tls/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';

export interface Knock {
  readonly port: number;
  readonly credential?: Credential | undefined;
  /** The roots by which the stranger knows the service, PEM. */
  readonly roots: string;
}

export interface Answer {
  /** The stranger's own port, by which the service's refusal is told from others. */
  readonly localPort: number;
  /** The HTTP status that came back; 0 where the connection was closed without one. */
  readonly status: number;
}

/** A service that neither answers nor closes within this is at fault; its own handshake limit is 10 s. */
const patienceMs = 5000;

export function knock({ port, credential, roots }: Knock): Promise<Answer> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: roots,
    rejectUnauthorized: true,
    // The service is known by its SPIFFE ID, which node:tls does not look at; who is let in is the service's question here.
    checkServerIdentity: () => undefined,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
    ...(credential === undefined ? {} : ownCredential(credential)),
  });
  return answerOn(socket);
}

function ownCredential({ chain, privateKey }: Credential): { cert: string; key: string } {
  return { cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''), key: privateKey.toPem() };
}

function answerOn(socket: TLSSocket): Promise<Answer> {
  return new Promise((resolve) => {
    let localPort = 0;
    let received = '';
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on('connect', () => (localPort = socket.localPort ?? 0));
    socket.on('secureConnect', () => {
      socket.write('GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n');
    });
    socket.on('data', (bytes: Buffer) => (received += bytes.toString('latin1').slice(0, 64)));
    // An alert, or a reset: to be refused in this way is an answer.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ localPort, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0) }));
  });
}
