/** For programs behind a gateway: what `Countersign-Identity` says, once it is known to be for this very request. */
import { type Clock, systemClock } from '../../ground/clock/index.ts';
import { fromBase64, fromBase64Url } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { identityType } from './identity-signer.ts';
import { type IdentityKey, parseIdentityJwk, verifyJws } from './jws-key.ts';
import { type BoundRequest, requestHash } from './request-hash.ts';

export interface ForwardedIdentity {
  /** The gateway that signed. */
  readonly issuer: string;
  /** The caller in one word: the SPIFFE ID, else the first name. */
  readonly subject: string;
  readonly spiffeId: string | undefined;
  readonly partner: string | undefined;
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  /** `x5t#S256` of the caller's certificate (RFC 8705, 3.1). */
  readonly thumbprint: string;
  /** The proxy before the gateway, where the caller came through one. */
  readonly via: string | undefined;
  /** DER, where the gateway sends it. */
  readonly certificate: Uint8Array | undefined;
}

export interface ForwardedIdentityQuestion extends BoundRequest {
  /** What the gateway calls this program. */
  readonly audience: string;
  /** The gateway's SPIFFE ID. */
  readonly issuer: string;
  /** The gateway's set of keys, as JSON has it. */
  readonly jwks: { readonly keys: readonly unknown[] };
  /** How far the clocks may be apart. Default 5 s. */
  readonly clockSkewMs?: number;
  readonly clock?: Clock;
}

/** Characters; the longest has a certificate in it. Own choice. */
const mostCharacters = 32 * 1024;
const longestLifeSeconds = 60;
const defaultSkewMs = 5_000;

/** @throws CS-GATEWAY-053 where it is not signed by the gateway, CS-GATEWAY-054 where it is for another request, program or time */
export function verifyForwardedIdentity(
  value: string | undefined,
  question: ForwardedIdentityQuestion,
): ForwardedIdentity {
  const claims = signedClaims(value, keysOf(question.jwks));
  requireFitting(claims, question);
  const { spiffe_id: spiffeId, partner, via, crt, cnf, sub } = claims;
  const thumbprint = typeof cnf === 'object' && cnf !== null ? (cnf as Claims)['x5t#S256'] : undefined;
  const certificate = typeof crt === 'string' ? fromBase64(crt) : undefined;
  if (typeof sub !== 'string' || typeof thumbprint !== 'string') throw invalid('it has sub and cnf');
  return {
    issuer: question.issuer,
    subject: sub,
    spiffeId: textOf(spiffeId),
    partner: textOf(partner),
    dnsNames: textsOf(claims['dns']),
    uris: textsOf(claims['uris']),
    thumbprint,
    via: textOf(via),
    certificate,
  };
}

type Claims = Readonly<Record<string, unknown>>;

const parsedSets = new WeakMap<object, ReadonlyMap<string, IdentityKey>>();

/** Of one object that is a set, parsed once. */
function keysOf(jwks: ForwardedIdentityQuestion['jwks']): ReadonlyMap<string, IdentityKey> {
  const known = parsedSets.get(jwks);
  if (known !== undefined) return known;
  const keys = jwks.keys.flatMap((jwk) => parseIdentityJwk(jwk) ?? []);
  const byId = new Map(keys.map((key) => [key.keyId, key]));
  parsedSets.set(jwks, byId);
  return byId;
}

function signedClaims(value: string | undefined, keys: ReadonlyMap<string, IdentityKey>): Claims {
  if (value === undefined || value === '') throw invalid('the header is there');
  if (value.length > mostCharacters) throw invalid(`at most ${mostCharacters} characters`);
  const [head = '', payload = '', tail = '', ...rest] = value.split('.');
  const header = objectIn(head);
  const signature = fromBase64Url(tail);
  if (header === undefined || signature === undefined || rest.length > 0)
    throw invalid('it is a JWS in its compact form');
  // So that no other JWT that is signed with the same key is taken for an identity (RFC 8725, 3.11).
  if (header['typ'] !== identityType) throw invalid(`its typ is ${identityType}`);
  if (Object.hasOwn(header, 'crit')) throw invalid('its header has no crit');
  const key = typeof header['kid'] === 'string' ? keys.get(header['kid']) : undefined;
  if (key === undefined) throw invalid('its key is in the set');
  // The key says how it is used, never the header (RFC 8725, 3.1).
  if (header['alg'] !== key.algorithm) throw invalid(`its key signs with ${key.algorithm}`);
  if (!verifyJws(key, new TextEncoder().encode(`${head}.${payload}`), signature))
    throw invalid('its signature is good');
  const claims = objectIn(payload);
  if (claims === undefined) throw invalid('its claims are a JSON object');
  return claims;
}

function requireFitting(claims: Claims, question: ForwardedIdentityQuestion): void {
  const { issuer, audience, clock = systemClock, clockSkewMs = defaultSkewMs } = question;
  if (claims['iss'] !== issuer) throw unfitting('signed by this gateway', issuer, claims['iss']);
  if (claims['aud'] !== audience) throw unfitting('for this program', audience, claims['aud']);
  const { iat, exp } = claims;
  if (typeof iat !== 'number' || typeof exp !== 'number' || exp - iat > longestLifeSeconds)
    throw invalid('it lives for a minute at most');
  const now = clock.now();
  if (now < iat * 1_000 - clockSkewMs) throw unfitting('not from the future', `by ${now}`, iat * 1_000);
  if (now >= exp * 1_000 + clockSkewMs) throw unfitting('not over', `after ${now}`, exp * 1_000);
  const bound = requestHash(question);
  if (claims['req'] !== bound)
    throw unfitting(`for ${question.method} ${question.host}${question.target}`, bound, claims['req']);
}

function objectIn(part: string): Claims | undefined {
  const bytes = fromBase64Url(part);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function invalid(rule: string): Refusal {
  return new Refusal('CS-GATEWAY-053', { rule });
}

function unfitting(rule: string, expected: string, found: unknown): Refusal {
  const shown = typeof found === 'string' || typeof found === 'number' ? String(found).slice(0, 256) : 'nothing';
  return new Refusal('CS-GATEWAY-054', { rule, expected, found: shown });
}
