/** The two ends of a TCP connection as one text: what grpc-js tells of a call's connection, and so what it is found by. */

export interface ConnectionEnds {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** `undefined` where it is closed already. */
export function connectionKey(ends: ConnectionEnds): string | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = ends;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return `${remoteAddress} ${remotePort} ${String(localAddress)} ${String(localPort)}`;
}
