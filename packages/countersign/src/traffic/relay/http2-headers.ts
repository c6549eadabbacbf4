/** Headers of HTTP/1.1 as HTTP/2 has them. */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { HeaderList } from './program-headers.ts';

/** Names in lower case (RFC 9113, 8.2.1); a name that comes more than once keeps all its values, in their order. */
export function http2Headers(headers: HeaderList): OutgoingHttpHeaders {
  // Without a prototype: a header may be called as anything.
  const found = Object.create(null) as Record<string, string | string[]>;
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    const before = found[name];
    if (before === undefined) found[name] = value;
    else if (typeof before === 'string') found[name] = [before, value];
    else before.push(value);
  }
  return found;
}

/** Without those that begin with a colon (RFC 9113, 8.3). */
export function withoutPseudoHeaders(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_, at) => !(rawHeaders[at - (at % 2)] ?? '').startsWith(':'));
}
