/** What a token says (RFC 9068, 2.2; RFC 7662, 2.2), read strictly into the few claims that are decided upon. */
import { Refusal } from '../../ground/errors/index.ts';
import { isJsonObject, type JsonObject } from './strict-json.ts';

export interface TokenClaims {
  /** Absent in an introspection alone, where whoever was asked is the issuer. */
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly audience: readonly string[];
  /** Milliseconds since 1970, as the next two. */
  readonly expiresAt: number;
  readonly notBefore: number | undefined;
  readonly issuedAt: number | undefined;
  readonly scopes: readonly string[];
  readonly binding: Binding;
  /** Everything, as it was said: a copy each time. */
  readonly all: JsonObject;
}

/** `unknown`: a `cnf` by which nothing can be compared here, which binds to nothing. */
export type Binding =
  { readonly kind: 'none' | 'unknown' | 'dpop' } | { readonly kind: 'certificate'; readonly thumbprint: string };

/** Members of lists: an honest token has a handful. Own choice. */
const mostMembers = 256;

/** SHA-256 in base64url without padding: 43 characters, whose last has two bits unused. */
const thumbprintForm = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** @throws CS-BEARER-005 where a claim is missing or of another form */
export function readJwtClaims(claims: JsonObject): TokenClaims {
  const read = readClaims(claims);
  if (read.issuer === undefined) throw malformed('it has the claim iss');
  return read;
}

/** @throws CS-BEARER-005 where a claim is missing or of another form */
export function readClaims(claims: JsonObject): TokenClaims {
  const expiresAt = timeIn(claims, 'exp');
  if (expiresAt === undefined) throw malformed('it has the claim exp');
  return new ReadClaims(claims, expiresAt);
}

/** Frozen, since the same object answers for the next request with the token, whatever a handler does to it. */
class ReadClaims implements TokenClaims {
  readonly #all: JsonObject;
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly audience: readonly string[];
  readonly expiresAt: number;
  readonly notBefore: number | undefined;
  readonly issuedAt: number | undefined;
  readonly scopes: readonly string[];
  readonly binding: Binding;

  constructor(claims: JsonObject, expiresAt: number) {
    this.#all = claims;
    this.issuer = textIn(claims, 'iss');
    this.subject = textIn(claims, 'sub');
    this.clientId = textIn(claims, 'client_id');
    this.audience = Object.freeze(audienceIn(claims));
    this.expiresAt = expiresAt;
    this.notBefore = timeIn(claims, 'nbf');
    this.issuedAt = timeIn(claims, 'iat');
    this.scopes = Object.freeze(scopesIn(claims));
    this.binding = Object.freeze(bindingIn(claims));
    Object.freeze(this);
  }

  get all(): JsonObject {
    return structuredClone(this.#all);
  }
}

function textIn(claims: JsonObject, name: string): string | undefined {
  const value = own(claims, name);
  if (value !== undefined && (typeof value !== 'string' || value === '')) throw malformed(`${name} is a text`);
  return value;
}

/** NumericDate (RFC 7519, 2): seconds, with a fraction where there is one. */
function timeIn(claims: JsonObject, name: string): number | undefined {
  const value = own(claims, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw malformed(`${name} is a time`);
  return value * 1000;
}

function audienceIn(claims: JsonObject): readonly string[] {
  const value = own(claims, 'aud');
  const audience: unknown[] = Array.isArray(value) ? [...(value as unknown[])] : [value];
  if (audience.length === 0 || audience.length > mostMembers || !audience.every(isText))
    throw malformed('aud is a text or a list of texts');
  return audience;
}

function scopesIn(claims: JsonObject): readonly string[] {
  const value = textIn(claims, 'scope');
  if (value === undefined) return [];
  const scopes = value.split(' ').filter((scope) => scope !== '');
  if (scopes.length > mostMembers) throw malformed(`scope has at most ${mostMembers} members`);
  return scopes;
}

function bindingIn(claims: JsonObject): Binding {
  const cnf = own(claims, 'cnf');
  if (cnf === undefined) return { kind: 'none' };
  if (!isJsonObject(cnf)) throw malformed('cnf is an object');
  // Also where a thumbprint stands beside it: whoever holds the token must prove both, and one cannot be checked here.
  if (own(cnf, 'jkt') !== undefined) return { kind: 'dpop' };
  const thumbprint = own(cnf, 'x5t#S256');
  if (thumbprint === undefined) return { kind: 'unknown' };
  if (!isText(thumbprint) || !thumbprintForm.test(thumbprint))
    throw malformed('x5t#S256 is a SHA-256 in base64url without padding');
  return { kind: 'certificate', thumbprint };
}

function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function malformed(rule: string): Refusal {
  return new Refusal('CS-BEARER-005', { rule });
}
