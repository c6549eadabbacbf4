/** What every server of HTTP in this room tells node:http. */
import type { ServerOptions } from 'node:https';
import type { ServerOptions as OwnOptions } from './server-options.ts';

/** Bytes of a request's header. Node's own default, given so that `--max-http-header-size` does not decide it. */
const mostHeaderBytes = 16 * 1024;

/** Slow senders are cut off: Node's headersTimeout is 60 s, ours is shorter as its peers are programs. Our own choice. */
const headersTimeoutMs = 15_000;
const requestTimeoutMs = 300_000;

/** Idle connections stay this long: keep-alive is what saves handshakes. Announced to clients, who give them up a second before. */
const keepAliveTimeoutMs = 60_000;

const httpOptions: ServerOptions = {
  insecureHTTPParser: false,
  requireHostHeader: true,
  maxHeaderSize: mostHeaderBytes,
  headersTimeout: headersTimeoutMs,
  requestTimeout: requestTimeoutMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  noDelay: true,
};

/** Node looks only at intervals, so that an end comes late by up to one; shorter ones cost a look at each connection. */
const mostLookMs = 30_000;

export function httpOptionsOf({ headerMs }: OwnOptions): ServerOptions {
  if (headerMs === undefined) return httpOptions;
  return {
    ...httpOptions,
    headersTimeout: headerMs,
    // Node takes no time for the whole that is shorter than that for the header.
    requestTimeout: Math.max(requestTimeoutMs, headerMs),
    connectionsCheckingInterval: Math.min(mostLookMs, Math.max(100, Math.ceil(headerMs / 3))),
  };
}
