/** Connections for the retriever: to an address that was checked after its name was looked up, and to no other. */
import dns from 'node:dns';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { Refusal } from '../../../ground/errors/index.ts';
import { permittedAddresses } from './private-ranges.ts';
import type { PrivateRanges } from './retrieve-request.ts';

export interface GuardedConnector {
  readonly connect: buildConnector.connector;
  /** Ends every connection, those that are being made too. */
  destroy(): void;
}

export function guardedConnector(privateRanges: PrivateRanges, lookup: LookupFunction = dns.lookup): GuardedConnector {
  const sockets = new Set<Socket>();
  const isPermitted = permittedAddresses(privateRanges);
  const open = ({ hostname, port }: buildConnector.Options, callback: buildConnector.Callback): void => {
    const host = withoutBrackets(hostname);
    // No name service is asked about an address, so that it is looked at here.
    const fault = isIP(host) === 0 ? undefined : addressFault(host, [host], isPermitted);
    if (fault !== undefined) {
      callback(fault, null);
      return;
    }
    const socket = connect({
      ...{ host, port: Number(port || 80), noDelay: true },
      lookup: guardedLookup(lookup, isPermitted),
    });
    sockets.add(socket);
    const fail = (error: Error): void => {
      sockets.delete(socket);
      callback(error, null);
    };
    socket.once('close', () => sockets.delete(socket));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      callback(null, socket);
    });
  };
  return {
    connect: open,
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

type IsPermitted = (address: string) => boolean;

/** What it answers is what is connected to: a name that leads elsewhere the next moment gains nothing. */
function guardedLookup(lookup: LookupFunction, isPermitted: IsPermitted): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      const addresses = typeof found === 'string' ? [found] : found?.map(({ address }) => address);
      const fault = error ?? addressFault(hostname, addresses ?? [], isPermitted);
      if (fault !== undefined) callback(fault, []);
      else callback(null, found, family);
    });
  };
}

/** One such address among several is enough: which of them would be taken is chance. */
function addressFault(host: string, addresses: readonly string[], isPermitted: IsPermitted): Refusal | undefined {
  const address = addresses.find((one) => !isPermitted(one));
  return address === undefined ? undefined : new Refusal('CS-FETCH-006', { url: host, address });
}

function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
