/** What every server of HTTP in this room tells node:http. */
import type { ServerOptions } from 'node:https';

/** Bytes of a request's header. Node's own default, given so that `--max-http-header-size` does not decide it. */
const mostHeaderBytes = 16 * 1024;

/** Slow senders are cut off: Node's headersTimeout is 60 s, ours is shorter as its peers are programs. Our own choice. */
const headersTimeoutMs = 15_000;
const requestTimeoutMs = 300_000;

/** Idle connections stay this long: keep-alive is what saves handshakes. Announced to clients, who give them up a second before. */
const keepAliveTimeoutMs = 60_000;

export const httpOptions: ServerOptions = {
  insecureHTTPParser: false,
  requireHostHeader: true,
  maxHeaderSize: mostHeaderBytes,
  headersTimeout: headersTimeoutMs,
  requestTimeout: requestTimeoutMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  noDelay: true,
};
