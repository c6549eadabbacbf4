/** Headers of HTTP/1.1 as HTTP/2 has them. */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { HeaderList } from './program-headers.ts';

/** Names in lower case (RFC 9113, 8.2.1); a name that comes more than once keeps all its values, in their order. */
export function http2Headers(headers: HeaderList): OutgoingHttpHeaders {
  const found = new Map<string, string[]>();
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return Object.fromEntries([...found].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}

/** Without those that begin with a colon (RFC 9113, 8.3). */
export function withoutPseudoHeaders(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_, at) => !(rawHeaders[at - (at % 2)] ?? '').startsWith(':'));
}
