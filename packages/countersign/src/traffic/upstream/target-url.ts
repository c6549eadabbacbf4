/** A target as a configuration names it. */
import type { Upstream } from '../relay/index.ts';

export interface ParsedTarget {
  readonly url: string;
  readonly place: Upstream;
  readonly isTls: boolean;
  readonly version: 'http/1.1' | 'h2';
}

const schemes: Readonly<Record<string, Pick<ParsedTarget, 'isTls' | 'version'> & { readonly port: number }>> = {
  'http:': { isTls: false, version: 'http/1.1', port: 80 },
  'https:': { isTls: true, version: 'http/1.1', port: 443 },
  'h2c:': { isTls: false, version: 'h2', port: 80 },
  'h2:': { isTls: true, version: 'h2', port: 443 },
};

/** @throws TypeError for what is more or less than a scheme, a host and a port */
export function parseTarget(url: string): ParsedTarget {
  const wrong = (what: string): never => {
    throw new TypeError(`${JSON.stringify(url)} is no target: ${what}`);
  };
  if (!URL.canParse(url)) return wrong('no URL');
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(url);
  const scheme = schemes[protocol] ?? wrong('http, https, h2c or h2');
  if (hostname === '') wrong('no host');
  if (username !== '' || password !== '' || search !== '' || hash !== '' || (pathname !== '' && pathname !== '/'))
    wrong('a host and a port, no more');
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const { isTls, version } = scheme;
  return { url, place: { host, port: port === '' ? scheme.port : Number(port) }, isTls, version };
}
