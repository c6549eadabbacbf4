/** Callers of an HTTPS server, the same for every subject: so many at the same time, each with a connection of its own, kept or made anew. */
import { Agent, request as httpsRequest } from 'node:https';

export interface Call {
  readonly path: string;
  readonly body: string;
}

export interface CallerOptions {
  readonly port: number;
  /** The server's trust anchors, PEM. */
  readonly ca: string;
  readonly kept: boolean;
  /** What the caller presents, PEM. */
  readonly credential?: { readonly cert: string; readonly key: string };
}

export interface Caller {
  /** The body of the answer; throws where it is no success. */
  call(call: Call): Promise<string>;
  close(): void;
}

const host = '127.0.0.1';

export function openCaller({ port, ca, kept, credential }: CallerOptions): Caller {
  // Without a cache of sessions: a fresh connection is a whole handshake.
  const agent = new Agent({ keepAlive: kept, maxSockets: 1, maxCachedSessions: 0 });
  return {
    call: ({ path, body }) =>
      new Promise((resolve, reject) => {
        const request = httpsRequest(
          {
            host,
            port,
            path,
            method: 'POST',
            ca,
            agent,
            ...credential,
            headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
          },
          (response) => {
            const parts: Buffer[] = [];
            response.on('data', (part: Buffer) => parts.push(part));
            response.on('error', reject);
            response.on('end', () => {
              const text = Buffer.concat(parts).toString();
              const status = response.statusCode ?? 0;
              if (status >= 200 && status < 300) resolve(text);
              else reject(new Error(`${path}: ${String(status)} ${text.slice(0, 500)}`));
            });
          },
        );
        request.on('error', reject);
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}
