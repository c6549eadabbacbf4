/** Who may get access tokens: one client as its configuration describes it (RFC 7591, 2; RFC 8705, 2), read whole or refused. */
import { z } from 'zod';
import { fromBase64 } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import {
  isJsonObject,
  type JsonObject,
  type RegisteredName,
  registeredName,
  registeredNameKinds,
} from '../../identity/bound-tokens/index.ts';
import { parseCertificate } from '../../identity/x509/index.ts';
import { isSecretJwk, jwkThumbprint, publicJwk, thumbprint } from '../../runtime/cryptography/index.ts';

/** What a client may ask for. */
export interface Grants {
  readonly scopes: readonly string[];
  /** Values of `resource` (RFC 8707), which become `aud`. */
  readonly resources: readonly string[];
}

export interface TokenClient extends Grants {
  readonly clientId: string;
  readonly state: 'active' | 'suspended';
  readonly authentication:
    | { readonly method: 'tls_client_auth'; readonly name: RegisteredName }
    | { readonly method: 'self_signed_tls_client_auth'; readonly certificates: RegisteredCertificates };
}

/** What a self-signed certificate is compared with. */
export interface RegisteredCertificates {
  /** Of whole certificates: `x5t#S256`. */
  readonly thumbprints: ReadonlySet<string>;
  /** Of keys that came without a certificate: their own thumbprint (RFC 7638). */
  readonly keys: ReadonlySet<string>;
}

/** Keys and certificates of one client: those in use and the next ones. Own choice. */
const mostKeys = 16;

/** RFC 6749, 3.3. */
const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** VSCHAR (RFC 6749, A.1). */
const clientIdForm = /^[\x20-\x7e]{1,255}$/;

const shape = z.strictObject({
  client_id: z.string().regex(clientIdForm),
  client_name: z.string().optional(),
  state: z.enum(['active', 'suspended']).default('active'),
  token_endpoint_auth_method: z.enum(['tls_client_auth', 'self_signed_tls_client_auth']),
  tls_client_auth_subject_dn: z.string().optional(),
  tls_client_auth_san_dns: z.string().optional(),
  tls_client_auth_san_uri: z.string().optional(),
  tls_client_auth_san_ip: z.string().optional(),
  tls_client_auth_san_email: z.string().optional(),
  jwks: z.strictObject({ keys: z.array(z.unknown()).min(1).max(mostKeys) }).optional(),
  scope: z.string().regex(scopeForm).optional(),
  resources: z.array(z.string().min(1).max(2048)).min(1).max(256),
  grant_types: z.tuple([z.literal('client_credentials')]).optional(),
  /** Said or not: no other tokens are issued. */
  tls_client_certificate_bound_access_tokens: z.literal(true).optional(),
});

type Described = z.infer<typeof shape>;

/** @throws CS-OAUTH-001 */
export function readTokenClient(metadata: unknown): TokenClient {
  const said =
    isJsonObject(metadata) && typeof metadata['client_id'] === 'string' ? metadata['client_id'] : 'not named';
  const parsed = shape.safeParse(metadata);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = (issue?.path ?? []).map(String).join('.');
    throw unacceptable(said, `${place === '' ? 'the whole' : place}: ${issue?.message ?? 'not as its schema'}`);
  }
  const { data } = parsed;
  return {
    clientId: data.client_id,
    state: data.state,
    authentication: authenticationOf(data),
    scopes: data.scope?.split(' ') ?? [],
    resources: data.resources,
  };
}

function authenticationOf(data: Described): TokenClient['authentication'] {
  const { client_id: client, token_endpoint_auth_method: method, jwks } = data;
  const names = registeredNameKinds.flatMap((kind) => {
    const value = data[kind];
    return value === undefined ? [] : [{ kind, value }];
  });
  const [name] = names;
  if (method === 'tls_client_auth') {
    // RFC 8705, 2.1.2: exactly one.
    if (name === undefined || names.length > 1 || jwks !== undefined)
      throw unacceptable(client, 'tls_client_auth has exactly one registered name, and no jwks');
    return { method, name: registeredName(client, name.kind, name.value) };
  }
  if (jwks === undefined || name !== undefined)
    throw unacceptable(client, 'self_signed_tls_client_auth has jwks, and no registered name');
  return { method, certificates: certificatesIn(client, jwks.keys) };
}

function certificatesIn(client: string, keys: readonly unknown[]): RegisteredCertificates {
  const [thumbprints, bareKeys] = [new Set<string>(), new Set<string>()];
  for (const jwk of keys) {
    if (!isJsonObject(jwk)) throw unacceptable(client, 'a key of jwks is an object');
    if (isSecretJwk(jwk)) throw unacceptable(client, 'jwks holds public keys alone');
    const { x5c } = jwk;
    if (x5c === undefined) bareKeys.add(bareKey(client, jwk));
    else thumbprints.add(certificateThumbprint(client, jwk, x5c));
  }
  return { thumbprints, keys: bareKeys };
}

function bareKey(client: string, jwk: JsonObject): string {
  if (typeof jwk['kty'] !== 'string') throw unacceptable(client, 'a key of jwks has a kty');
  return jwkThumbprint(jwk);
}

function certificateThumbprint(client: string, jwk: JsonObject, x5c: unknown): string {
  const [first] = Array.isArray(x5c) ? (x5c as readonly unknown[]) : [];
  const der = typeof first === 'string' ? fromBase64(first) : undefined;
  if (der === undefined) throw unacceptable(client, 'x5c is a list of certificates in base64');
  try {
    // RFC 7517, 4.7: the key of the first certificate is the key that the other members say.
    if (jwkThumbprint(publicJwk(parseCertificate(der).publicKey)) !== jwkThumbprint(jwk))
      throw unacceptable(client, 'the first certificate of x5c is of the key that it stands beside');
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-OAUTH-001') throw error;
    throw unacceptable(client, 'x5c holds a certificate that can be read', error);
  }
  return thumbprint(der);
}

/** Whether it is one of those: the whole certificate where there was one, else its key. @param der of a certificate whose key was proven */
export function isRegisteredCertificate({ thumbprints, keys }: RegisteredCertificates, der: Uint8Array): boolean {
  if (thumbprints.has(thumbprint(der))) return true;
  return keys.size > 0 && keys.has(keyThumbprint(der));
}

/** Of the key of a certificate, as `jwks` has it (RFC 7638). */
export function keyThumbprint(der: Uint8Array): string {
  return jwkThumbprint(publicJwk(parseCertificate(der).publicKey));
}

function unacceptable(client: string, rule: string, cause?: unknown): Refusal {
  return new Refusal('CS-OAUTH-001', { client, rule }, cause === undefined ? {} : { cause });
}
