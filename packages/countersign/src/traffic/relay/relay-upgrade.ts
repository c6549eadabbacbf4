/** A WebSocket, or whatever else a request may turn its connection into (RFC 9110, 7.8): asked of the program, then bytes both ways. */
import { type IncomingMessage, request as plainRequest, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { targetOverHttp1 } from './asked.ts';
import { defaultAnswerBounds } from './http1-link.ts';
import { endToEndHeaders, type HeaderList } from './program-headers.ts';
import { ProgramFailure } from './program-failure.ts';
import { relayBytes } from './relay-bytes.ts';
import type { Upstream } from './program.ts';

export interface RelayedUpgrade {
  readonly request: IncomingMessage;
  /** Default as it came. */
  readonly target?: string;
  /** The caller's, handed over after the request's header. */
  readonly socket: Socket;
  /** What he sent after it. */
  readonly head: Buffer;
  readonly upstream: Upstream;
  readonly headers: HeaderList;
  /** Default: TCP. */
  readonly open?: () => Socket | Promise<Socket>;
  /** It asks for a change that nobody may look into, or in which it would be unclear where it ends. Default: it is answered 400. */
  readonly onUnsayable?: () => void;
  /** The program has answered; 101 where the connection is something else now, else it would rather not. */
  readonly onAnswer?: (status: number) => void;
  /** The program took no connection, broke off, or answered what is no answer to this: the socket is destroyed then, unless the listener ends it. */
  readonly onFailure: (error: Error) => void;
}

export function relayUpgrade(relayed: RelayedUpgrade): void {
  const { request, socket } = relayed;
  const target = targetOverHttp1(request);
  if (target === undefined || !mayBeRelayed(request)) {
    socket.on('error', () => undefined);
    if (relayed.onUnsayable !== undefined) {
      relayed.onUnsayable();
      return;
    }
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  openForUpgrade({ target, ...relayed });
}

function openForUpgrade(relayed: RelayedUpgrade): void {
  const { open } = relayed;
  const opened = open?.();
  if (!(opened instanceof Promise)) {
    askForUpgrade(relayed, opened);
    return;
  }
  const { socket, onFailure } = relayed;
  opened.then(
    (connection) => {
      if (socket.destroyed) connection.destroy();
      else askForUpgrade(relayed, connection);
    },
    (error: unknown) => {
      fail({ socket, onFailure }, error instanceof Error ? error : new Error(String(error)));
    },
  );
}

function askForUpgrade(
  { request, target = request.url, socket, head, upstream, headers, onAnswer, onFailure }: RelayedUpgrade,
  connection: Socket | undefined,
): void {
  const asked: HeaderList = [
    ['connection', 'upgrade'],
    ['upgrade', request.headers.upgrade ?? ''],
  ];
  const onward = plainRequest({
    host: upstream.host,
    port: upstream.port,
    // With an agent, a new one too, Node makes a connection of its own and says there what was meant for this one.
    ...(connection === undefined ? { agent: false } : { createConnection: () => connection }),
    method: request.method,
    path: target,
    headers: [...headers, ...asked].flat(),
    setHost: false,
  });
  socket.on('error', () => onward.destroy());
  socket.once('close', () => onward.destroy());
  let over = false;
  const broken = (error: Error): void => {
    if (over) return;
    over = true;
    fail({ socket, onFailure }, error);
    onward.destroy();
  };
  let interim = 0;
  onward.on('information', () => {
    interim += 1;
    if (interim > defaultAnswerBounds.interimAnswers)
      broken(new ProgramFailure('interim-flood', 'it sends interim answers without an end'));
  });
  onward.on('upgrade', (answer: IncomingMessage, program: Socket, first: Buffer) => {
    program.on('error', () => undefined);
    const protocol = answer.headers.upgrade ?? '';
    if (over || !wasAskedFor(protocol, request)) {
      program.destroy();
      broken(new ProgramFailure('not-http', 'it changed to another protocol than it was asked for'));
      return;
    }
    over = true;
    onAnswer?.(101);
    socket.write(
      headOf(answer, [
        ['connection', 'upgrade'],
        ['upgrade', protocol],
      ]),
    );
    if (first.length > 0) socket.write(first);
    if (head.length > 0) program.write(head);
    void relayBytes(socket, program);
  });
  // The program would rather not: its answer is the last thing on this connection.
  onward.on('response', (answer) => {
    if (over) return;
    onAnswer?.(answer.statusCode ?? 502);
    socket.write(headOf(answer, [['connection', 'close']]));
    answer.on('error', broken);
    answer.pipe(socket);
  });
  onward.on('error', broken);
  onward.end();
}

function fail({ socket, onFailure }: Pick<RelayedUpgrade, 'socket' | 'onFailure'>, error: Error): void {
  if (!socket.destroyed) onFailure(error);
  if (!socket.writableEnded) socket.destroy();
}

/** RFC 9110, 7.8: a server may not change to a protocol that the client did not name. */
function wasAskedFor(protocol: string, { headers }: IncomingMessage): boolean {
  const asked = (headers.upgrade ?? '').split(',').map((one) => one.trim().toLowerCase());
  return asked.includes(protocol.toLowerCase());
}

/** Versions of HTTP, TLS: whatever is asked through them nobody looks at, and a caller could name himself in it. */
const hiding = /^(?:h2c?|h3|http|tls)(?:\/.*)?$/i;

/** A body could be read as the first octets of what the connection turns into, or the other way round. */
function mayBeRelayed({ headers }: IncomingMessage): boolean {
  const protocols = (headers.upgrade ?? '').split(',').map((one) => one.trim());
  const { 'content-length': length = '0', 'transfer-encoding': coding } = headers;
  return coding === undefined && length === '0' && !protocols.some((one) => one === '' || hiding.test(one));
}

function headOf({ statusCode = 502, statusMessage, rawHeaders }: IncomingMessage, hop: HeaderList): string {
  const reason = statusMessage ?? STATUS_CODES[statusCode] ?? '';
  const lines = [...endToEndHeaders(rawHeaders), ...hop].map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${statusCode} ${reason}`, ...lines, '', ''].join('\r\n');
}
