/** Whether who has waited since his request came is there no more, or may be served no more. */
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { stillPasses } from '../../../runtime/tls/index.ts';

/** A connection that was ended, or is to be, closes later: until then what it waited for would be done for nobody, or for whom nothing may be done. */
export function isCallerGone(answered: { readonly destroyed: boolean }, connection: Socket | Http2Session): boolean {
  return answered.destroyed || connection.destroyed || !stillPasses(connection);
}
