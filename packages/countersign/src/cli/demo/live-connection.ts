/** A connection that stays open and is used all the while, and the moment at which it was closed. */
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import type { Credential } from '../../runtime/tls/index.ts';

export interface LiveConnection {
  /** Answers that came over this one connection so far. */
  readonly answers: number;
  /** When it was closed by the other side, on the monotonic clock. */
  readonly closedAt: Promise<number>;
  end(): void;
}

export interface LiveConnectionOptions {
  readonly port: number;
  readonly credential: Credential;
  /** PEM. */
  readonly roots: string;
  readonly clock: Clock;
}

/** Made with bare node:tls, so that nothing on this side helps the closing. Resolves with the first answer. */
export function openLiveConnection({ port, credential, roots, clock }: LiveConnectionOptions): Promise<LiveConnection> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: roots,
    cert: credential.chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    key: credential.privateKey.toPem(),
    rejectUnauthorized: true,
    checkServerIdentity: () => undefined,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
  });
  let answers = 0;
  const ask = (): boolean => socket.write('GET /live HTTP/1.1\r\nHost: orders\r\n\r\n');
  const closedAt = new Promise<number>((resolve) => socket.once('close', () => resolve(clock.monotonic())));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('secureConnect', ask);
    onAnswers(socket, () => {
      answers++;
      socket.off('error', reject);
      // The closing may come as a reset.
      if (answers === 1) socket.on('error', () => undefined);
      clock.after(answerPauseMs, ask, { unref: true });
      resolve({
        get answers() {
          return answers;
        },
        closedAt,
        end: () => socket.destroy(),
      });
    });
    void closedAt.then(() => reject(new Error('the service closed the connection before the first answer')));
  });
}

const answerPauseMs = 50;

function onAnswers(socket: TLSSocket, onAnswer: () => void): void {
  socket.on('data', (bytes: Buffer) => {
    if (bytes.includes('HTTP/1.1 200')) onAnswer();
  });
}
