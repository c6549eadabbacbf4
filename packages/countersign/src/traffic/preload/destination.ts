/** What a call of `tls.connect` is for: its arguments put in order, and the server that it means. */
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

export interface ConnectCall {
  readonly options: ConnectionOptions;
  readonly callback: (() => void) | undefined;
}

/** `(options)`, `(port, host, options)`, `(path, options)`, each with a callback at the end or without, as Node takes them. */
export function orderArguments(given: readonly unknown[]): ConnectCall {
  const callback = given.findLast((one): one is () => void => typeof one === 'function');
  const options = given.find((one): one is ConnectionOptions => typeof one === 'object' && one !== null) ?? {};
  const [first, second] = given;
  if (typeof first === 'object') return { options, callback };
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { options: { ...options, path: first }, callback };
  const host = typeof second === 'string' ? { host: second } : {};
  return { options: { ...options, port: Number(first), ...host }, callback };
}

/** Whoever brings a certificate, or a whole context, or a socket of this machine, has decided for himself. */
export function isOwnAffair({ secureContext, cert, key, pfx, path }: ConnectionOptions): boolean {
  const brought = [secureContext, cert, key, pfx];
  if (brought.some((one) => one !== undefined && one !== null)) return true;
  return typeof path === 'string' && path !== '';
}

/** The name of the server that is called, in lower case, without brackets and the last dot. */
export function hostOf({ host, servername }: ConnectionOptions): string {
  // Declared as text, but null where undici calls an address.
  const name: unknown = servername;
  return plain(typeof name === 'string' && name !== '' ? name : (host ?? 'localhost'));
}

/** Whether the call cannot leave this machine, where a host's name says nothing about who answers. */
export function isLoopback({ host, servername, socket }: ConnectionOptions): boolean {
  if (socket !== undefined && socket !== null) return false;
  const names = [host ?? 'localhost', servername ?? ''].filter((name) => name !== '').map(plain);
  return names.every((name) => name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.')));
}

/** @param patterns `api.example.com`, or `*.example.com` for one label */
export function isAmong(host: string, patterns: readonly string[]): boolean {
  return patterns.map(plain).some((pattern) => {
    if (!pattern.startsWith('*.')) return pattern === host;
    return host.slice(host.indexOf('.')) === pattern.slice(1) && host.indexOf('.') > 0;
  });
}

function plain(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}
