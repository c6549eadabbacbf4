/** Mutual TLS before a plain port: who passes is handed on to the program, and nobody else reaches it. */
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { problemContentType, Refusal } from '../../ground/errors/index.ts';
import {
  createServer,
  createTlsServer,
  type MutualTlsServer,
  peerOf,
  type PolicyOrSource,
  type ServerOptions,
} from '../../runtime/tls/index.ts';
import { headersForProgram, relayBytes, relayRequest, relayUpgrade, type Upstream } from '../relay/index.ts';

export interface FrontOptions extends ServerOptions {
  /** The SPIFFE ID of the program. */
  readonly own: () => string;
  /** Where the program listens; `undefined` until that is known. */
  readonly upstream: () => Upstream | undefined;
  /** Default `http`: HTTP/1.1, the caller named in a header. */
  readonly protocol?: 'http' | 'tcp';
  /** The program did not answer a caller who was let in. */
  readonly onUnanswered?: (refusal: Refusal) => void;
}

/** @param policy who may call the program */
export function createFront(policy: PolicyOrSource, options: FrontOptions): MutualTlsServer {
  if (options.protocol === 'tcp') return createTlsServer(policy, options, ({ socket }) => onwardBytes(socket, options));
  const agent = new Agent({ keepAlive: true });
  return createServer(
    policy,
    options,
    (request, response) => onward(request, response, options, agent),
    (request, socket, head) => onwardUpgraded(request, socket, head, options),
  );
}

function onward(request: IncomingMessage, response: ServerResponse, options: FrontOptions, agent: Agent): void {
  const upstream = options.upstream();
  const unanswered = (reason: string): void => {
    const refusal = new Refusal('CS-RUN-012', { port: upstream?.port ?? 'not known', reason });
    options.onUnanswered?.(refusal);
    answerUnanswered(response, refusal);
  };
  if (upstream === undefined) {
    unanswered('it does not listen yet');
    return;
  }
  relayRequest({
    request,
    response,
    upstream,
    headers: headersOf(request, options),
    agent,
    onFailure: (error, answered) => {
      if (answered) response.destroy();
      else unanswered('code' in error ? String(error.code) : error.message);
    },
  });
}

function onwardUpgraded(request: IncomingMessage, socket: Socket, head: Buffer, options: FrontOptions): void {
  const upstream = options.upstream();
  const unanswered = (reason: string): void =>
    options.onUnanswered?.(new Refusal('CS-RUN-012', { port: upstream?.port ?? 'not known', reason }));
  if (upstream === undefined) {
    unanswered('it does not listen yet');
    socket.destroy();
    return;
  }
  const onFailure = (error: Error): void => unanswered('code' in error ? String(error.code) : error.message);
  relayUpgrade({ request, socket, head, upstream, headers: headersOf(request, options), onFailure });
}

function headersOf(request: IncomingMessage, { own }: FrontOptions): ReturnType<typeof headersForProgram> {
  const address = request.socket.remoteAddress ?? 'unknown';
  return headersForProgram(request.rawHeaders, peerOf(request), { own: own(), address });
}

/** There is no protocol to name the caller in, nor to say that the program does not answer. */
function onwardBytes(socket: Socket, options: FrontOptions): void {
  const upstream = options.upstream();
  const unanswered = (reason: string): void => {
    options.onUnanswered?.(new Refusal('CS-RUN-012', { port: upstream?.port ?? 'not known', reason }));
    socket.destroy();
  };
  socket.on('error', () => undefined);
  // A caller who has said all he wants to say still waits for the answer.
  socket.allowHalfOpen = true;
  if (upstream === undefined) {
    unanswered('it does not listen yet');
    return;
  }
  const program = connect({ ...upstream, noDelay: true, allowHalfOpen: true });
  program.once('error', (error) => {
    if (program.connecting || program.bytesRead === 0) unanswered('code' in error ? String(error.code) : error.message);
  });
  void relayBytes(socket, program);
}

/** Whoever was let in learns no more than that: where the program listens is the machine's own affair. */
function answerUnanswered(response: ServerResponse, { code, title, http }: Refusal): void {
  const body = JSON.stringify({ type: `urn:countersign:refusal:${code}`, title, status: http, code });
  response.writeHead(http, { 'content-type': problemContentType, 'cache-control': 'no-store' });
  response.end(body);
}
