/** A WebSocket, or whatever else a request may turn its connection into (RFC 9110, 7.8): asked of the program, then bytes both ways. */
import { type IncomingMessage, request as plainRequest, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { targetOverHttp1 } from './asked.ts';
import { endToEndHeaders, type HeaderList } from './program-headers.ts';
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
  /** The program has answered, whatever that was. */
  readonly onAnswer?: () => void;
  /** The program took no connection, or broke off before it had answered; the socket is ended by then. */
  readonly onFailure: (error: Error) => void;
}

export function relayUpgrade(relayed: RelayedUpgrade): void {
  const { request, socket } = relayed;
  const target = targetOverHttp1(request);
  if (target === undefined || !mayBeRelayed(request)) {
    socket.on('error', () => undefined);
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
      if (!socket.destroyed) onFailure(error instanceof Error ? error : new Error(String(error)));
      socket.destroy();
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
  onward.on('upgrade', (answer: IncomingMessage, program: Socket, first: Buffer) => {
    onAnswer?.();
    socket.write(
      headOf(answer, [
        ['connection', 'upgrade'],
        ['upgrade', answer.headers.upgrade ?? ''],
      ]),
    );
    if (first.length > 0) socket.write(first);
    if (head.length > 0) program.write(head);
    void relayBytes(socket, program);
  });
  // The program would rather not: its answer is the last thing on this connection.
  onward.on('response', (answer) => {
    onAnswer?.();
    socket.write(headOf(answer, [['connection', 'close']]));
    answer.pipe(socket);
  });
  onward.on('error', (error) => {
    if (!socket.destroyed) onFailure(error);
    socket.destroy();
  });
  onward.end();
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
