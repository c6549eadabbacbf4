/** A refusal as the answer to a request: the code and its title, and no evidence, since whoever asks may be anybody. */
import { ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { problemContentType, type Refusal } from '../../../ground/errors/index.ts';
import type { HeaderList, WayBack } from '../../relay/index.ts';

type Response = ServerResponse | ServerHttp2Stream;

export interface Refused {
  readonly wayBack: WayBack;
  readonly response: Response;
  /** A body may still be on its way, which nobody will take. */
  readonly unread: boolean;
  readonly more?: HeaderList | undefined;
  /** The connection ends with the answer. */
  readonly ends?: boolean | undefined;
}

export function answerRefusal(refusal: Refusal, { wayBack, response, unread, more = [], ends = false }: Refused): void {
  const body = Buffer.from(bodyOf(refusal));
  const { evidence, http: status } = refusal;
  const allowed = refusal.code === 'CS-GATEWAY-013' ? evidence['allowed'] : undefined;
  const headers = [
    ['content-type', problemContentType],
    ['cache-control', 'no-store'],
    ['content-length', String(body.length)],
    ...(Array.isArray(allowed) ? [['allow', allowed.join(', ')] as const] : []),
    ...more,
  ] as const;
  try {
    // A connection whose next octets belong to a body that nobody takes is good for nothing more.
    if ((unread || ends) && response instanceof ServerResponse) response.shouldKeepAlive = false;
    wayBack.begin({ status, reason: undefined, headers, bodiless: false });
    if (unread && !(response instanceof ServerResponse)) endStream(response);
    wayBack.body.end(body);
    // Lets the streams that it has finish, this one too, and takes no more.
    if (ends && !(response instanceof ServerResponse)) response.session?.close();
  } catch {
    // The caller is gone already.
    wayBack.breakOff();
  }
}

/** The answer is whole, and the rest of the request is not wanted (RFC 9113, 8.1). */
function endStream(stream: ServerHttp2Stream): void {
  stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
}

/** For who asked for an upgrade, where there is only a socket. */
export function refusalBytes(refusal: Refusal, more: HeaderList = []): string {
  const body = bodyOf(refusal);
  return [
    `HTTP/1.1 ${refusal.http} Refused`,
    `content-type: ${problemContentType}`,
    'cache-control: no-store',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...more.map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n');
}

function bodyOf({ code, title, http: status }: Refusal): string {
  return JSON.stringify({ type: `urn:countersign:refusal:${code}`, title, status, code });
}
