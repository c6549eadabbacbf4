/** Whether who asks has it already: If-None-Match, else If-Modified-Since (RFC 9110, 13.2.2). */
import type { IncomingHttpHeaders } from 'node:http';

import { parseHttpDate } from '../../../runtime/api/index.ts';

export function isHadAlready(asked: IncomingHttpHeaders, answered: Readonly<Record<string, string>>): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since } = asked;
  if (tags !== undefined) {
    const tag = answered['etag'];
    return tag !== undefined && (tags.trim() === '*' || tags.split(',').some((one) => weakly(one) === weakly(tag)));
  }
  if (since === undefined) return false;
  const [had, modified] = [parseHttpDate(since), parseHttpDate(answered['last-modified'])];
  return had !== undefined && modified !== undefined && modified <= had;
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function weakly(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
