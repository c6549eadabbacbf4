/** Patterns of whole path segments: `*` stands for one of them, `**` (last) for one or more; compared octet for octet. */

/** What a star may stand for: nothing that another reader could take for a separator, a step upwards or another spelling (RFC 3986, 3.3, 6.2.2). */
const plainSegment = /^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/;

/** @param path with its leading "/" */
export function fitsSegments(segments: readonly string[], path: string): boolean {
  const found = path.split('/').slice(1);
  if (found.some(isRelative)) return false;
  const open = segments.at(-1) === '**';
  const fixed = open ? segments.slice(0, -1) : segments;
  if (open ? found.length <= fixed.length : found.length !== fixed.length) return false;
  return found.every((segment, index) => {
    const wanted = fixed[index] ?? '*';
    return wanted === '*' ? plainSegment.test(segment) : wanted === segment;
  });
}

/** A segment that says to go elsewhere (RFC 3986, 5.2.4). */
export function isRelative(segment: string): boolean {
  return segment === '.' || segment === '..';
}
