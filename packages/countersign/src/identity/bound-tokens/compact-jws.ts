/** A signed access token as text (RFC 7515, 7.1; RFC 9068): its header held to what is understood, nothing in it believed. */
import { fromBase64Url } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type JsonObject, parseStrictObject } from './strict-json.ts';

/** All that is accepted: no HMAC, no `none`, no PKCS #1 v1.5 (FAPI 2.0, 5.4). */
export const jwsAlgorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519'] as const;

export type JwsAlgorithm = (typeof jwsAlgorithms)[number];

export interface JwsHeader {
  readonly algorithm: JwsAlgorithm;
  /** The name of the key; where it is absent the issuer must have one fitting key alone. */
  readonly keyId: string | undefined;
}

export interface CompactJws extends JwsHeader {
  /** What was signed: ASCII. */
  readonly signed: string;
  readonly signature: Uint8Array;
  readonly payload: Uint8Array;
}

/** Characters of a key's name; those in use are hashes and UUIDs. Own choice. */
const longestKeyId = 256;

/** @throws CS-BEARER-005 where it is no JWS of an access token, CS-BEARER-006 for another algorithm */
export function parseCompactJws(token: string): CompactJws {
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  if (first === -1 || second === -1) throw malformed('a signed token has three parts');
  if (token.includes('.', second + 1)) throw malformed('a token is signed and not encrypted');
  const header = headerIn(token.slice(0, first));
  const payload = fromBase64Url(token.slice(first + 1, second));
  const signature = fromBase64Url(token.slice(second + 1));
  if (payload === undefined || signature === undefined) throw malformed('its parts are base64url');
  return { ...header, signed: token.slice(0, second), signature, payload };
}

/** Headers of one issuer are the same octets over and over; as many as issuers have keys in use. Own choice. */
const mostRemembered = 64;
const longestRemembered = 512;
const remembered = new Map<string, JwsHeader>();

function headerIn(encoded: string): JwsHeader {
  const known = remembered.get(encoded);
  if (known !== undefined) return known;
  const header = readHeader(encoded);
  if (encoded.length <= longestRemembered) {
    // A flood of made-up headers costs those that are known a second reading, no more.
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(encoded, header);
  }
  return header;
}

function readHeader(encoded: string): JwsHeader {
  const bytes = fromBase64Url(encoded);
  const header = bytes === undefined ? undefined : parseStrictObject(bytes);
  if (header === undefined) throw malformed('its header is a JSON object that names no member twice');
  const { alg, kid } = header;
  // RFC 7515, 4.1.11: what must be understood and is not makes it invalid; nothing is understood here beyond the header itself.
  if (Object.hasOwn(header, 'crit')) throw malformed('its header has no crit');
  requireAccessToken(header);
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > longestKeyId))
    throw malformed('its kid is a short text');
  const algorithm = jwsAlgorithms.find((one) => one === alg);
  if (algorithm === undefined)
    throw new Refusal('CS-BEARER-006', { algorithm: typeof alg === 'string' ? alg.slice(0, 32) : 'none named' });
  // jku, x5u, jwk and x5c are never looked at: a token does not say which key is to be believed.
  return { algorithm, keyId: kid };
}

/** RFC 9068, 4: `at+jwt`, with or without its prefix, in any case; so that no ID token or other JWT of the issuer passes. */
function requireAccessToken({ typ }: JsonObject): void {
  const type = typeof typ === 'string' ? typ.toLowerCase() : '';
  if (type !== 'at+jwt' && type !== 'application/at+jwt') throw malformed('its typ is at+jwt');
}

function malformed(rule: string): Refusal {
  return new Refusal('CS-BEARER-005', { rule });
}
