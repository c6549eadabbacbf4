/** A WebSocket, or whatever else a request may turn its connection into (RFC 9110, 7.8): asked of the program, then bytes both ways. */
import { type IncomingMessage, request as plainRequest, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
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
    agent: false,
    ...(connection === undefined ? {} : { createConnection: () => connection }),
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

function headOf({ statusCode = 502, statusMessage, rawHeaders }: IncomingMessage, hop: HeaderList): string {
  const reason = statusMessage ?? STATUS_CODES[statusCode] ?? '';
  const lines = [...endToEndHeaders(rawHeaders), ...hop].map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${statusCode} ${reason}`, ...lines, '', ''].join('\r\n');
}
