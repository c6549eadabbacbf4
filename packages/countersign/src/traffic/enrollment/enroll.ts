/** A first certificate for a token: the authority is known by the pin alone, and nothing is kept that was not asked for. */
import { type Clock, systemClock } from '../../ground/clock/index.ts';
import { decodeToken, enrollOperation, exchange, meetAuthority, startDeadline } from '../../runtime/api/index.ts';
import type { PrivateKey } from '../../runtime/cryptography/index.ts';
import { acceptIssued } from './accept-issued.ts';
import { withAuthority } from './authority-link.ts';
import { signRequest } from './certification-request.ts';
import type { HeldCredential } from './held-credential.ts';

export interface EnrollOptions {
  /** The token's text. */
  readonly token: string;
  /** The same key again gets the same certificate again; keep it where a crash does not lose it before you ask. */
  readonly privateKey: PrivateKey;
  /** The names to ask for, where the token leaves them to the request. */
  readonly names?: readonly string[] | undefined;
  /** Default the machine's. */
  readonly clock?: Clock;
  /** The time for all of it in milliseconds; default 9,000. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

export async function enroll({
  token: text,
  privateKey,
  names: asked = [],
  clock = systemClock,
  limitMs,
  signal,
}: EnrollOptions): Promise<HeldCredential> {
  const token = decodeToken(text);
  const names = token.names.length === 0 ? asked : token.names;
  const authority = { url: token.authority, rootSha256: token.root };
  const deadline = startDeadline(clock, limitMs, signal);
  try {
    const { bundles, root, trustDomain } = await meetAuthority(authority, clock, deadline);
    const request = signRequest(names, privateKey);
    const { value } = await withAuthority({ ...authority, bundles, clock }, deadline, (connection) =>
      exchange(enrollOperation, { token: text.trim(), request: request.pem }, connection, deadline),
    );
    return acceptIssued(value, { privateKey, names, trustDomain, pinnedRoot: root, clock });
  } finally {
    deadline.cancel();
  }
}
