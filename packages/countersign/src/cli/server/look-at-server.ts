/** One TLS handshake with a server that trusts nobody and sends nothing of an application: what the server says of itself. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { fromHex } from '../../ground/encoding/index.ts';
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { systemReason } from '../fault.ts';
import type { HostAndPort, OptionValues } from '../option-values.ts';
import { handshakeMessages } from './handshake-messages.ts';
import { type Presented, presentedBy } from './presented.ts';
import { Tap } from './tap.ts';

export interface ServerQuestion {
  /** SNI; absent: the host, where it is a name. */
  readonly serverName?: string;
  readonly timeoutMs: number;
}

export interface ServerLook extends Presented {
  /** "example.com:443". */
  readonly address: string;
  /** The address that answered. */
  readonly remote: string;
  /** By ALPN; none where the server refused these. */
  readonly offered: readonly string[];
  /** SNI as it was sent. */
  readonly serverName: string | null;
  /** How it took that no certificate was presented; `accepted` where it asked for none, or said nothing against it in time. */
  readonly withoutCertificate: 'accepted' | 'refused';
  /** Why the handshake was not finished, where it was not: the certificates came all the same. */
  readonly unfinished: string | undefined;
}

const offeredProtocols: readonly string[] = ['h2', 'http/1.1'];

const defaultTimeoutMs = 10_000;

/** How long a server of TLS 1.3 may take to say that it wants a certificate; on the client's side the handshake is over before (RFC 8446, 4.4.2.4). */
const lastWordMs = 1000;

export function serverOptionsOf(options: OptionValues): ServerQuestion {
  const serverName = options.text('servername');
  const timeoutMs = options.milliseconds('timeout') ?? defaultTimeoutMs;
  return { timeoutMs, ...(serverName === undefined ? {} : { serverName }) };
}

/** @throws CS-TLS-006 not reached; CS-TLS-002 not in time; CS-TLS-001 where no TLS came about */
export async function lookAtServer(address: HostAndPort, asked: ServerQuestion, clock: Clock): Promise<ServerLook> {
  try {
    return await lookOnce(address, { ...asked, offered: offeredProtocols }, clock);
  } catch (error) {
    if (!isRefusal(error) || !isNoCommonProtocol(error)) throw error;
    // A server of mail or of a database speaks neither, and may say so before it shows its chain (RFC 7301, 3.2).
    return lookOnce(address, { ...asked, offered: [] }, clock);
  }
}

function isNoCommonProtocol({ code, evidence }: Refusal): boolean {
  return code === 'CS-TLS-001' && String(evidence['reason']).includes('no application protocol');
}

async function lookOnce(
  { host, port }: HostAndPort,
  { serverName, timeoutMs, offered }: ServerQuestion & { readonly offered: readonly string[] },
  clock: Clock,
): Promise<ServerLook> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const name = serverName ?? (isIP(host) === 0 ? host : undefined);
  const tcp = connectTcp({ host, port });
  let connected = false;
  const timer = clock.after(timeoutMs, () => {
    const reason = `no connection within ${timeoutMs} ms`;
    const late = connected
      ? new Refusal('CS-TLS-002', { address, timeoutMs })
      : new Refusal('CS-TLS-006', { address, reason });
    tcp.destroy(late);
  });
  try {
    const remote = await connectionOf(tcp, address);
    connected = true;
    return await handshake(tcp, { address, name, remote, clock, offered });
  } finally {
    timer.cancel();
    tcp.destroy();
  }
}

function connectionOf(tcp: Socket, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    tcp.once('connect', () => resolve(`${tcp.remoteAddress ?? ''} port ${tcp.remotePort ?? 0}`));
    tcp.once('error', (error) => {
      reject(
        error instanceof Refusal
          ? error
          : new Refusal('CS-TLS-006', { address, reason: reasonOf(error) }, { cause: error }),
      );
    });
  });
}

interface Asked {
  readonly address: string;
  readonly name: string | undefined;
  readonly remote: string;
  readonly clock: Clock;
  readonly offered: readonly string[];
}

async function handshake(tcp: Socket, { address, name, remote, clock, offered }: Asked): Promise<ServerLook> {
  const tap = new Tap(tcp);
  const tls = connectTls({
    socket: tap,
    ...(name === undefined ? {} : { servername: name }),
    // Nothing is trusted and nothing is sent: this looks at whoever answers, and verify judges.
    rejectUnauthorized: false,
    requestOCSP: true,
    ...(offered.length === 0 ? {} : { ALPNProtocols: [...offered] }),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
    // Old servers are to be seen, too.
    ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:DEFAULT:@SECLEVEL=0',
    secureOptions: 0,
  });
  const secret = handshakeSecret(tls);
  const failure = await finished(tls);
  const presented = presentedBy(handshakeMessages(tap.received, secret()));
  if (failure instanceof Refusal) throw failure;
  if (presented === undefined || (failure !== undefined && presented.certificates.length === 0)) {
    throw new Refusal('CS-TLS-001', { address, reason: handshakeReason(failure, tap.received) }, { cause: failure });
  }
  const refusal = failure ?? (presented.requested === undefined ? undefined : await lastWord(tls, clock));
  tls.destroy();
  return {
    ...presented,
    address,
    remote,
    offered,
    serverName: name ?? null,
    withoutCertificate: presented.requested !== undefined && refusal !== undefined ? 'refused' : 'accepted',
    unfinished: failure === undefined ? undefined : reasonOf(failure),
  };
}

/** With it the server's part of this one handshake is read, and then it is forgotten. */
function handshakeSecret(tls: TLSSocket): () => Uint8Array | undefined {
  let secret: Uint8Array | undefined;
  tls.on('keylog', (line) => {
    const [label, , digits = ''] = line.toString('ascii').trim().split(' ');
    if (label === 'SERVER_HANDSHAKE_TRAFFIC_SECRET') secret = fromHex(digits);
  });
  return () => secret;
}

/** @returns what failed */
function finished(tls: TLSSocket): Promise<Error | undefined> {
  return new Promise((resolve) => {
    tls.once('secureConnect', () => resolve(undefined));
    tls.once('error', resolve);
    tls.once('close', () => resolve(new Error('closed by the other side')));
  });
}

/** An alert, or the end of the connection, soon after the handshake. */
function lastWord(tls: TLSSocket, clock: Clock): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const timer = clock.after(lastWordMs, () => resolve(undefined));
    const said = (error: Error): void => {
      timer.cancel();
      resolve(error);
    };
    tls.once('error', said);
    tls.once('close', () => said(new Error('closed by the other side')));
    // A ticket or the first words of a server that speaks first: it went on without a certificate.
    tls.once('data', () => {
      timer.cancel();
      resolve(undefined);
    });
    tls.once('session', () => {
      timer.cancel();
      resolve(undefined);
    });
  });
}

/** The alert in OpenSSL's words, or the system's: "unrecognized name", "connection refused (ECONNREFUSED)". */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return reasonOf(error.errors[0]);
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : undefined;
  if (reason !== undefined) return reason.replace(/^(?:ssl\/)?(?:sslv3|tlsv1|tlsv13) alert /, 'alert: ');
  return systemReason(error);
}

function handshakeReason(failure: Error | undefined, received: Uint8Array): string {
  const reason = failure === undefined ? 'nothing came' : reasonOf(failure);
  const first = received[0];
  if (first === undefined) return `it closed the connection without a word; ${reason}`;
  // Alert and handshake: the content types that a server can begin with.
  if (first === 21 || first === 22) return reason;
  const words = new TextDecoder().decode(received.subarray(0, 40)).split(/[\r\n]/, 1)[0] ?? '';
  return `no TLS there: it says ${JSON.stringify(words)}`;
}
