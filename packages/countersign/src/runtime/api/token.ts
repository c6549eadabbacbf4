/** The enrolment token's text: `cs1_` and base64url of JSON. It holds a secret, so no refusal ever shows any of it. */
import { z } from 'zod';

import { parseRfc3339, toRfc3339 } from '../../ground/clock/index.ts';
import { fromBase64Url, toBase64Url } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { authorityUrl, rfc3339Text, sha256Text, subjectName } from './fields.ts';

export interface EnrollmentToken {
  /** Where to enrol: `https://host:port`. */
  readonly authority: string;
  /** The pin: SHA-256 of the root's DER, lower-case hexadecimal. */
  readonly root: string;
  /** Which token it is; no secret. */
  readonly id: string;
  /** What proves it: base64url of random bytes. The authority keeps only its hash. */
  readonly secret: string;
  /** Empty: the profile leaves them to the request. */
  readonly names: readonly string[];
  /** Until when it can be used, milliseconds since 1970. */
  readonly expires: number;
}

const prefix = 'cs1_';

/** A hundred names of 300 characters; ours to choose. */
const mostCharacters = 32_768;

const shape = z.strictObject({
  v: z.literal(1),
  authority: authorityUrl,
  root: sha256Text,
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  // 16 to 64 bytes.
  secret: z.string().regex(/^[A-Za-z0-9_-]{22,86}$/),
  names: z.array(subjectName).max(100),
  expires: rfc3339Text,
});

export function encodeToken(token: EnrollmentToken): string {
  const { authority, root, id, secret, names, expires } = token;
  const fields = shape.parse({ v: 1, authority, root, id, secret, names, expires: toRfc3339(expires) });
  return prefix + toBase64Url(new TextEncoder().encode(JSON.stringify(fields)));
}

/** White space around it is allowed: it comes from a file or a prompt. */
export function decodeToken(text: string): EnrollmentToken {
  const token = text.trim();
  if (!token.startsWith(prefix)) throw malformed(`it starts with ${prefix}`);
  if (token.length > mostCharacters) throw malformed(`at most ${String(mostCharacters)} characters`);
  const bytes = fromBase64Url(token.slice(prefix.length));
  if (bytes === undefined) throw malformed(`base64url after ${prefix}`);
  const parsed = shape.safeParse(parseJson(bytes));
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
    throw malformed(place === '' ? 'the fields of version 1 and no others' : `the field ${place} is well formed`);
  }
  const { authority, root, id, secret, names, expires } = parsed.data;
  return { authority: new URL(authority).origin, root, id, secret, names, expires: parseRfc3339(expires) ?? 0 };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Without the cause: the parser quotes the text.
    throw malformed('JSON inside');
  }
}

function malformed(rule: string): Refusal {
  return new Refusal('CS-TOKEN-001', { rule });
}
