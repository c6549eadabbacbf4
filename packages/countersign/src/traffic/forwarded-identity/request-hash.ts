/** The request that a signed identity is bound to, in 43 characters: the header stays short however long the target is. */
import { toBase64Url } from '../../ground/encoding/index.ts';
import { sha256 } from '../../runtime/cryptography/index.ts';

export interface BoundRequest {
  readonly method: string;
  /** As the upstream reads it in `Host` or `:authority`. */
  readonly host: string;
  /** Path and query as the upstream reads them. */
  readonly target: string;
}

/** base64url of SHA-256 of method, host in lower case and target, with a line feed between them: none of the three can hold one. */
export function requestHash({ method, host, target }: BoundRequest): string {
  return toBase64Url(sha256(new TextEncoder().encode(`${method}\n${host.toLowerCase()}\n${target}`)));
}
