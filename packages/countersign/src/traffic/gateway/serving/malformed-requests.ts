/** What comes over HTTP/1.1 and can not be read as a request: named, told, and answered where nothing else is. */
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../../../ground/errors/index.ts';
import type { Remote } from '../../../runtime/tls/index.ts';
import { refusalBytes } from './answer-refusal.ts';

/** The request of a connection that is being served. */
export interface ServedRequest {
  /** All of it came: what can not be read comes after it. */
  isWhole(): boolean;
  /** Ends it with this as its answer, or where that has begun without one. */
  end(refusal: Refusal): void;
  /** Calls `listener` when it is over. */
  onOver(listener: () => void): void;
}

interface Place {
  request: ServedRequest | undefined;
}

export class MalformedRequests {
  readonly #onRefusal: (refusal: Refusal, remote: Remote) => void;
  /** By connection; a place that is kept, since one made and taken out with each request costs more than the request's decision. */
  readonly #served = new WeakMap<object, Place>();
  /** Node's parser says it again for each piece that comes after. */
  readonly #taken = new WeakSet<object>();

  constructor(onRefusal: (refusal: Refusal, remote: Remote) => void) {
    this.#onRefusal = onRefusal;
  }

  /** The one before it is forgotten. */
  serving(socket: object, request: ServedRequest): void {
    const place = this.#served.get(socket);
    if (place === undefined) this.#served.set(socket, { request });
    else place.request = request;
  }

  over(socket: object, request: ServedRequest): void {
    const place = this.#served.get(socket);
    if (place?.request === request) place.request = undefined;
  }

  /** Whether its latest request is not answered yet. */
  isServing(socket: object): boolean {
    return this.#served.get(socket)?.request !== undefined;
  }

  /** For `clientError` of a server of Node's, which leaves the connection to its listener. */
  take(error: Error, socket: TLSSocket): void {
    const refusal = refusalOf(error, socket.remoteAddress ?? 'not known');
    if (refusal === undefined) {
      // It broke, which is no request.
      socket.destroy(error);
      return;
    }
    if (this.#taken.has(socket)) return;
    this.#taken.add(socket);
    this.#onRefusal(refusal, { address: socket.remoteAddress ?? 'not known', port: socket.remotePort ?? 0 });
    const request = this.#served.get(socket)?.request;
    if (request === undefined) socket.end(refusalBytes(refusal), () => socket.destroy());
    else if (request.isWhole()) request.onOver(() => socket.destroySoon());
    else request.end(refusal);
  }
}

/** By the codes of Node and its parser. */
function refusalOf(error: Error, address: string): Refusal | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal('CS-GATEWAY-087', { address });
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal('CS-GATEWAY-086', { address });
  if (!code.startsWith('HPE_') || code === 'HPE_INVALID_EOF_STATE') return undefined;
  return new Refusal('CS-GATEWAY-085', { address, reason: `${code.slice(4)}: ${error.message}` });
}
