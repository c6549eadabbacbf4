/** The address of a receiver of the audit log, as people write it. */

export type TargetAddress =
  | { readonly kind: 'udp' | 'tcp'; readonly host: string; readonly port: number; readonly text: string }
  | { readonly kind: 'unix'; readonly path: string; readonly text: string }
  | { readonly kind: 'otlp'; readonly url: string; readonly text: string };

/** RFC 5426, 3.3, and RFC 6587, 3.4: the ports where none is given. */
const defaultPorts = { udp: 514, tcp: 601 } as const;

/** `udp://HOST:PORT`, `tcp://HOST:PORT`, `unix:///PATH` for syslog, `https://HOST:PORT[/PATH]` for OTLP; `undefined` for anything else. */
export function parseTargetAddress(text: string): TargetAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname, username, password, search, href } = new URL(text);
  if (username !== '' || password !== '') return undefined;
  switch (protocol) {
    case 'udp:':
    case 'tcp:': {
      const kind = protocol === 'udp:' ? 'udp' : 'tcp';
      if (hostname === '' || (pathname !== '' && pathname !== '/')) return undefined;
      const host = hostname.replace(/^\[(.*)\]$/, '$1');
      return { kind, host, port: port === '' ? defaultPorts[kind] : Number(port), text };
    }
    case 'unix:':
      return hostname === '' && pathname.length > 1
        ? { kind: 'unix', path: decodeURIComponent(pathname), text }
        : undefined;
    case 'http:':
    case 'https:':
      // OTLP 1, "OTLP/HTTP Request": to an address without a path goes /v1/logs.
      return { kind: 'otlp', url: pathname === '/' && search === '' ? new URL('/v1/logs', href).href : href, text };
    default:
      return undefined;
  }
}
