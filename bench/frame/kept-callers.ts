/** Bare callers, one or the other version of HTTP, whose connections are kept from one request to the next. */
import { connect } from 'node:http2';
import { Agent } from 'node:https';
import { encodePem } from 'countersign/encoding';
import { pemOf } from '../live/clients.ts';
import { host, requestThrough, same, streamOf } from './bare-callers.ts';
import type { TwoSides } from './two-sides.ts';

export type Protocol = 'http/1.1' | 'h2';

export interface Called {
  readonly port: number;
  readonly protocol: Protocol;
  /** By which it is asked for, in the handshake and in the request; default its address. */
  readonly name?: string;
}

/** @returns asks for `/` once, and resolves when the answer is whole */
export function keptCaller({ client, root }: TwoSides, { port, protocol, name }: Called): () => Promise<void> {
  const callers = {
    ...pemOf(client),
    ...same,
    ca: encodePem('CERTIFICATE', root),
    maxCachedSessions: 0,
    checkServerIdentity: () => undefined,
    ...(name === undefined ? {} : { servername: name }),
  };
  if (protocol === 'h2') return overHttp2(port, callers, name);
  const agent = new Agent({ ...callers, keepAlive: true });
  return () => requestThrough(agent, port, name);
}

/** Servers end sessions that are idle, as they may be while others have their turn, or after so many requests. */
function overHttp2(port: number, callers: object, name: string | undefined): () => Promise<void> {
  const begin = () => connect(`https://${host}:${String(port)}`, callers).on('error', () => undefined);
  let session = begin();
  return () => {
    if (session.closed || session.destroyed) session = begin();
    return streamOf(session, name);
  };
}
