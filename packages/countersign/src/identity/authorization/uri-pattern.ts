/** The policy: the peer's certificate carries a URI name that fits a pattern of whole path segments. */
import { isRelative } from './path-segments.ts';
import { makePolicy, type PeerPolicy } from './peer-policy.ts';
import { refuseSpiffeId } from './uri.ts';

/** Scheme and authority (RFC 3986, 3.1 and 3.2), without anything that could be a star. */
const beginning = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[A-Za-z0-9._~:[\]@-]+\//;

/** A segment as it is written (RFC 3986, 3.3): no star among other letters, no query, no fragment. */
const literalSegment = /^(?:[A-Za-z0-9._~!$&'()+,;=:@-]|%[0-9A-Fa-f]{2})+$/;

/**
 * @param pattern such as `https://shop.test/ns/*\/web` or `https://shop.test/ns/**`: `*` stands for one whole segment, `**` (last) for one or more.
 *   Scheme and authority are always spelled out. A star stands for no percent-encoded segment, none with a query and no "." or "..".
 * @throws TypeError where it is none, or one of SPIFFE IDs: that is written with `spiffeIdPattern`
 */
export function uriPattern(pattern: string): PeerPolicy {
  const prefix = typeof pattern === 'string' ? beginning.exec(pattern)?.[0] : undefined;
  if (prefix === undefined) throw refused(pattern, 'it begins with scheme://authority/, spelled out');
  refuseSpiffeId(pattern);
  const segments = pattern.slice(prefix.length).split('/');
  if (segments.slice(0, -1).includes('**')) throw refused(pattern, '** stands last');
  if (!segments.every(isSegment)) throw refused(pattern, 'a segment is *, ** or plain text');
  return makePolicy({ kind: 'uri-pattern', prefix, segments });
}

function isSegment(segment: string): boolean {
  return segment === '*' || segment === '**' || (literalSegment.test(segment) && !isRelative(segment));
}

function refused(pattern: string, rule: string): TypeError {
  return new TypeError(
    `${JSON.stringify(pattern)} is not a pattern of URIs, such as https://shop.test/ns/*/web: ${rule}`,
  );
}
