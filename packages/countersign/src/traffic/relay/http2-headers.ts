/** Headers of HTTP/1.1 as HTTP/2 has them. */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { HeaderList } from './program-headers.ts';

/** Those of an answer, name after value, which Node copies nothing of: an object of them costs it as much as all the rest of an answer's header. */
export function http2Answer(status: number, headers: HeaderList): string[] {
  const all = [':status', String(status)];
  for (const pair of headers) {
    const name = pair[0].toLowerCase();
    // Whatever an answer calls its headers.
    if (!name.startsWith(':')) all.push(name, pair[1]);
  }
  return all;
}

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
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!name.startsWith(':')) kept.push(name, rawHeaders[at + 1] ?? '');
  }
  return kept;
}
