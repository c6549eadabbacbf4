/** Mutual TLS before a plain port: who passes is handed on to the program, and nobody else reaches it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { problemContentType, Refusal } from '../../ground/errors/index.ts';
import {
  createHttp2Server,
  createTlsServer,
  type MutualTlsServer,
  peerOf,
  type PolicyOrSource,
  type ServerOptions,
} from '../../runtime/tls/index.ts';
import {
  askedBy,
  headersForProgram,
  http1Program,
  http2Program,
  type Program,
  relayBytes,
  relayRequest,
  relayUpgrade,
  type Upstream,
  type WayBack,
  wayBackOver,
} from '../relay/index.ts';

/** What the program speaks. Of `http` it is HTTP/1.1, of `h2c` HTTP/2 without TLS and without asking; callers speak either version. */
export type FrontProtocol = 'http' | 'h2c' | 'tcp';

export interface FrontOptions extends ServerOptions {
  /** The SPIFFE ID of the program. */
  readonly own: () => string;
  /** Where the program listens; `undefined` until that is known. */
  readonly upstream: () => Upstream | undefined;
  /** Default `http`. But for `tcp` the caller is named in a header. */
  readonly protocol?: FrontProtocol;
  /** The program did not answer a caller who was let in. */
  readonly onUnanswered?: (refusal: Refusal) => void;
}

/** @param policy who may call the program */
export function createFront(policy: PolicyOrSource, options: FrontOptions): MutualTlsServer {
  const { protocol = 'http' } = options;
  if (protocol === 'tcp') return createTlsServer(policy, options, ({ socket }) => onwardBytes(socket, options));
  const program = protocol === 'h2c' ? http2Program(options) : http1Program(options);
  return createHttp2Server(
    policy,
    options,
    (request, response) => onward(request, response, options, program),
    // In HTTP/2 nothing is upgraded: such a request is one as any other then.
    protocol === 'h2c' ? undefined : (request, socket, head) => onwardUpgraded(request, socket, head, options),
  );
}

function onward(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  options: FrontOptions,
  program: Program,
): void {
  const asked = askedBy(request);
  const wayBack = wayBackOver(response);
  const unsayable = (): void => answerWith(wayBack, new Refusal('CS-RUN-013', {}));
  if (asked === undefined) {
    unsayable();
    return;
  }
  const upstream = options.upstream();
  const unanswered = (reason: string, begun: boolean): void => {
    const refusal = new Refusal('CS-RUN-012', { port: upstream?.port ?? 'not known', reason });
    options.onUnanswered?.(refusal);
    if (!begun) answerWith(wayBack, refusal);
  };
  if (upstream === undefined) {
    unanswered('it does not listen yet', false);
    return;
  }
  relayRequest({
    asked,
    wayBack,
    upstream,
    headers: headersOf(request, asked.rawHeaders, options),
    program,
    onUnsayable: unsayable,
    onFailure: (error, begun) => unanswered(reasonOf(error), begun),
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
  const onFailure = (error: Error): void => unanswered(reasonOf(error));
  const headers = headersOf(request, request.rawHeaders, options);
  relayUpgrade({ request, socket, head, upstream, headers, onFailure });
}

function headersOf(
  request: IncomingMessage | Http2ServerRequest,
  rawHeaders: readonly string[],
  { own }: FrontOptions,
): ReturnType<typeof headersForProgram> {
  const address = request.socket.remoteAddress ?? 'unknown';
  return headersForProgram(rawHeaders, peerOf(request), { own: own(), address });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
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
    if (program.connecting || program.bytesRead === 0) unanswered(reasonOf(error));
  });
  void relayBytes(socket, program);
}

/** Whoever was let in learns no more than that: where the program listens is the machine's own affair. */
function answerWith(wayBack: WayBack, { code, title, http: status }: Refusal): void {
  const body = Buffer.from(JSON.stringify({ type: `urn:countersign:refusal:${code}`, title, status, code }));
  const headers = [
    ['content-type', problemContentType],
    ['cache-control', 'no-store'],
    ['content-length', String(body.length)],
  ] as const;
  try {
    wayBack.begin({ status, reason: undefined, headers, bodiless: false });
    wayBack.body.end(body);
  } catch {
    // The caller is gone already.
    wayBack.breakOff();
  }
}
