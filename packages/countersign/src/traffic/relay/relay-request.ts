/** One HTTP request on to a plain program, and its response back, bodies as they come. */
import { type Agent, type IncomingMessage, request as plainRequest, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { endToEndHeaders, type HeaderList } from './program-headers.ts';

export interface Upstream {
  readonly host: string;
  readonly port: number;
}

export interface RelayedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  readonly headers: HeaderList;
  /** Whose connections are used again; it must not be shared with other programs. */
  readonly agent: Agent;
  /** The program took no connection, or broke off; the response has not begun where `answered` is false, and is the listener's then. */
  readonly onFailure: (error: Error, answered: boolean) => void;
}

export function relayRequest({ request, response, upstream, headers, agent, onFailure }: RelayedRequest): void {
  const onward = plainRequest({
    host: upstream.host,
    port: upstream.port,
    agent,
    method: request.method,
    path: request.url,
    headers: [...headers, ...framing(request)].flat(),
    setHost: false,
  });
  let gone = false;
  onward.on('response', (answer) => {
    const { statusCode = 502, statusMessage, rawHeaders } = answer;
    response.writeHead(statusCode, statusMessage, endToEndHeaders(rawHeaders).flat());
    pipeline(answer, response, (error) => {
      if (error && !gone) onFailure(error, true);
    });
  });
  onward.on('error', (error) => {
    if (!gone) onFailure(error, response.headersSent);
  });
  // The caller is gone, by himself or because he no longer passes: the program need not go on for him.
  response.on('close', () => {
    gone = !response.writableFinished;
    if (gone) onward.destroy();
  });
  pipeline(request, onward, () => undefined);
}

/** A body of unknown length is framed anew (RFC 9112, 6); one without a body stays without. */
function framing({ headers }: IncomingMessage): HeaderList {
  return headers['transfer-encoding'] === undefined ? [] : [['transfer-encoding', 'chunked']];
}
