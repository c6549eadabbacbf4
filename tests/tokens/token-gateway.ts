/** A gateway whose routes ask for tokens, an issuer's keys to sign them with, and callers who show a certificate and whatever they say beside it. */
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { TestContext } from 'node:test';
import { CompactSign, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Clock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { thumbprint } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import type { Credential } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import type { LoadedConfiguration } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { fixedKeys } from '../../packages/countersign/src/traffic/token-sources/index.ts';
import { configurationFrom } from '../fixtures/gateway/configurations.ts';
import { listeningOn } from '../fixtures/gateway/listening-on.ts';
import { openGateway, type OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { presented } from '../fixtures/presented.ts';

export const authority: TestAuthority = new TestAuthority();
const domain = authority.trustDomain;
const dayMs = 86_400_000;

/** One of a partner, or of anybody else under this authority, good for some days. */
export function certified(name: string): Credential {
  return authority.issue(name, { notAfterMs: 20 * dayMs });
}

export const issuer = 'https://issuer.test';
export const audience = 'https://api.test';

const pair = await generateKeyPair('ES256', { extractable: true });
/** The issuer's public keys, as its address or a file has them. */
export const keySet: { readonly keys: readonly object[] } = {
  keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'a' }],
};

export interface TokenWanted {
  /** `client_id` and `sub`; default the SPIFFE ID of acme. */
  readonly client?: string;
  /** Default none: bound to nothing. */
  readonly bound?: Credential | undefined;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly now?: number;
}

export function tokenOf({
  client = `spiffe://${domain}/acme`,
  bound,
  claims,
  header,
  now = Date.now(),
}: TokenWanted): Promise<string> {
  const at = Math.floor(now / 1000);
  const cnf = bound && { cnf: { 'x5t#S256': thumbprint(bound.chain[0] ?? new Uint8Array()) } };
  const all = {
    iss: issuer,
    aud: audience,
    sub: client,
    client_id: client,
    iat: at,
    exp: at + 10 * 86_400,
    ...cnf,
    ...claims,
  };
  return new SignJWT(all)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'a', ...header })
    .sign(pair.privateKey);
}

/** A token whose claims are this very text. */
export function signedText(claims: string): Promise<string> {
  return new CompactSign(new TextEncoder().encode(claims))
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'a' })
    .sign(pair.privateKey);
}

/** @param tokens the section, in YAML @param token that of the one route, in YAML */
export function written(upstreamPort: number, { tokens, token, more = '', hostMore = '' }: Wanted): string {
  const whole = token === undefined ? '' : `, token: ${token}`;
  return `version: 1
listen: { port: 0 }
credentials: { main: { folder: unused } }
trust: { ${domain}: { anchors: [unused] } }
partners:
  - { name: acme, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/acme }, { spiffeId: spiffe://${domain}/acme-next }] }
  - { name: beta, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/beta }] }
hosts:
  api.test: { certificate: required, credential: main, trust: [${domain}]${hostMore} }
  either.test: { certificate: optional, credential: main, trust: [${domain}] }
routes:
  - { name: payments, host: api.test, path: /, allow: [acme, beta], upstream: plain${whole}${more} }
  - { name: either, host: either.test, path: /, upstream: plain${whole} }
upstreams: { plain: { targets: ['http://127.0.0.1:${upstreamPort}'] } }
tokens: ${tokens}
`;
}

export interface Wanted {
  readonly tokens: string;
  readonly token?: string | undefined;
  /** Of the route at api.test. */
  readonly more?: string;
  /** The rest of the host api.test. */
  readonly hostMore?: string;
  readonly clock?: Clock;
  /** What the issuer's file of keys says. */
  readonly file?: object;
}

const own = authority.issue('gateway', { notAfterMs: 20 * dayMs });

export async function loaded(text: string, file: object = keySet): Promise<LoadedConfiguration> {
  const keys = { text: JSON.stringify(file), keys: fixedKeys(file as Record<string, unknown>) };
  const configuration = await configurationFrom(text, {
    credentials: new Map([['main', own]]),
    bundles: new Map([[domain, authority.bundle()]]),
  });
  const named = Object.entries(configuration.file.tokens).filter(([, { jwks }]) => jwks === 'keys.json');
  return { ...configuration, tokenKeys: new Map(named.map(([name]) => [name, keys])) };
}

export interface TokenGateway extends OpenGateway {
  readonly upstreamPort: number;
  /** Of the requests that the program behind got. */
  readonly reached: IncomingHttpHeaders[];
}

export async function tokenGateway(t: TestContext, wanted: Wanted): Promise<TokenGateway> {
  const reached: IncomingHttpHeaders[] = [];
  const upstreamPort = await listeningOn(t, (request, response) => {
    reached.push(request.headers);
    response.end('reached');
  });
  const { clock = systemClock, file } = wanted;
  const open = await openGateway(t, await loaded(written(upstreamPort, wanted), file), { clock });
  return { ...open, upstreamPort, reached };
}

export interface Call {
  readonly as: Credential | undefined;
  readonly token?: string | undefined;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** The status, and the code or what the program said; `challenge` where there is one. */
export async function call(
  { port }: { readonly port: number },
  asked: Call,
): Promise<{ said: string; challenge: string | undefined }> {
  const { as, token, path = '/', host = 'api.test', headers } = asked;
  const asking = httpsRequest({
    ...{ host: '127.0.0.1', port, path, servername: host, agent: new Agent(), rejectUnauthorized: false },
    headers: { host, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(as && presented(as)),
  });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let body = '';
  for await (const piece of answer.setEncoding('utf8')) body += String(piece);
  const said = `${String(answer.statusCode)} ${/CS-[A-Z]+-\d+/.exec(body)?.[0] ?? body}`;
  return { said, challenge: answer.headers['www-authenticate'] };
}

export async function outcome(at: { readonly port: number }, asked: Call): Promise<string> {
  return (await call(at, asked)).said;
}
