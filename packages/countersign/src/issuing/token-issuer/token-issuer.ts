/** The token issuer: its endpoints as a handler of requests, for `createTokenServer`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { isPeerPolicy } from '../../identity/authorization/index.ts';
import type { JsonObject } from '../../identity/bound-tokens/index.ts';
import {
  optionalPeerOf,
  presentedCertificateOf,
  type RequestHandler,
  type Source,
  tell,
  type Trust,
} from '../../runtime/tls/index.ts';
import { authenticateClient, type AuthenticatedClient, type Presented } from './authenticate-client.ts';
import type { ClientSet } from './client-set.ts';
import { introspect, type ResourceServer } from './introspect.ts';
import { endpointPaths, issuerMetadata, metadataPrefix } from './issuer-metadata.ts';
import { issueToken } from './issue-token.ts';
import { oauthError } from './oauth-error.ts';
import { revokeToken } from './revoke-token.ts';
import type { RevokedTokens } from './revoked-tokens.ts';
import { readTokenForm, type TokenForm } from './token-form.ts';
import type { TokenKeys } from './token-keys.ts';
import { defaultTokenMs, longestTokenMs } from './token-life.ts';

/** A token that was issued, without the token itself. */
export interface TokenEvent {
  readonly clientId: string;
  readonly tokenId: string;
  readonly thumbprint: string;
  readonly expiresAt: number;
}

export interface TokenIssuerOptions {
  /** `iss` of every token, octet for octet: an https URL. */
  readonly issuer: string;
  /** Under which address clients reach the endpoints by mutual TLS; default the issuer. Becomes `mtls_endpoint_aliases`. */
  readonly endpoints?: string;
  readonly keys: TokenKeys;
  /** Read for each request: a client that is suspended gets nothing from then on. */
  readonly clients: Source<ClientSet>;
  /** Who may ask about tokens; default nobody. */
  readonly resourceServers?: readonly ResourceServer[];
  readonly revoked: RevokedTokens;
  /** Milliseconds since 1970: tokens that were issued before do not count, since which of them are revoked is not known; default all do. */
  readonly countFromMs?: number | undefined;
  /** The one that the server's connections rest on. */
  readonly trust: Trust;
  readonly clock: Clock;
  /** Milliseconds that a token lives, never longer than its certificate; default 300,000, at most 3,600,000. */
  readonly lifeMs?: number;
  /** Whether the server's handshake takes certificates that nobody vouches for; default `refused`. */
  readonly selfSigned?: 'accepted' | 'refused';
  readonly onIssued?: (event: TokenEvent) => void;
  /** Told each refusal, with what its client is not told; default nobody. */
  readonly onRefusal?: (refusal: Refusal) => void;
}

interface Answer {
  readonly status: number;
  readonly body?: JsonObject;
}

export class TokenIssuer {
  readonly #options: TokenIssuerOptions;
  readonly #lifeMs: number;
  readonly #prefix: string;
  readonly #publicPaths: ReadonlyMap<string, () => JsonObject>;

  /** @throws TypeError for what cannot be meant */
  constructor(options: TokenIssuerOptions) {
    const { issuer, endpoints = issuer, lifeMs = defaultTokenMs, selfSigned, resourceServers = [] } = options;
    const address = requireAddress(issuer);
    this.#prefix = requireAddress(endpoints).pathname.replace(/\/$/, '');
    if (!(lifeMs >= 1000 && lifeMs <= longestTokenMs)) throw new TypeError(`lifeMs is 1,000 to ${longestTokenMs}`);
    if (!resourceServers.every(({ who }) => isPeerPolicy(who)))
      throw new TypeError('who of a resource server is what spiffeId(), dnsName(), anyOf() returned');
    this.#options = options;
    this.#lifeMs = lifeMs;
    const own = address.pathname.replace(/\/$/, '');
    const metadata = issuerMetadata({ issuer, endpoints, selfSigned: selfSigned === 'accepted' });
    this.#publicPaths = new Map<string, () => JsonObject>([
      [`${metadataPrefix}${own}`, () => metadata],
      [`${own}${endpointPaths.jwks}`, () => options.keys.jwks],
    ]);
  }

  get selfSigned(): 'accepted' | 'refused' {
    return this.#options.selfSigned ?? 'refused';
  }

  /** Every endpoint; to be served by `createTokenServer`, whose connections know their peer. */
  readonly handler: RequestHandler = (request, response) => {
    void this.#answering(request, response, () => this.#answer(request));
  };

  /** Metadata and keys alone, which are for everybody: for any HTTPS server at the issuer's own address. */
  readonly publicHandler: RequestHandler = (request, response) => {
    void this.#answering(request, response, () => Promise.resolve(this.#published(request)));
  };

  async #answering(request: IncomingMessage, response: ServerResponse, act: () => Promise<Answer>): Promise<void> {
    let answer: Answer;
    try {
      answer = await act();
    } catch (error) {
      answer = this.#refused(error);
    }
    send(request, response, answer);
  }

  #refused(error: unknown): Answer {
    if (isRefusal(error)) {
      tell(this.#options.onRefusal, error);
      return oauthError(error);
    }
    process.emitWarning(error instanceof Error ? error : new Error('a token request failed', { cause: error }));
    return { status: 500, body: { error: 'server_error' } };
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    if (request.method !== 'POST') return this.#published(request);
    switch (pathOf(request)) {
      case `${this.#prefix}${endpointPaths.token}`:
        return this.#token(request);
      case `${this.#prefix}${endpointPaths.introspection}`:
        return this.#introspection(request);
      case `${this.#prefix}${endpointPaths.revocation}`:
        return this.#revocation(request);
      default:
        throw noEndpoint(request);
    }
  }

  #published(request: IncomingMessage): Answer {
    const body = this.#publicPaths.get(pathOf(request));
    if (request.method !== 'GET' || body === undefined) throw noEndpoint(request);
    return { status: 200, body: body() };
  }

  async #token(request: IncomingMessage): Promise<Answer> {
    const { issuer, keys, clock, onIssued } = this.#options;
    const form = await readTokenForm(request, clock);
    const client = this.#client(request, form);
    const { claims, answer } = issueToken({ client, form, issuer, keys, lifeMs: this.#lifeMs, now: clock.now() });
    tell(onIssued, {
      clientId: client.clientId,
      tokenId: String(claims['jti']),
      thumbprint: client.thumbprint,
      expiresAt: Number(claims['exp']) * 1000,
    });
    return { status: 200, body: answer };
  }

  async #introspection(request: IncomingMessage): Promise<Answer> {
    const { clock, clients, resourceServers = [] } = this.#options;
    const form = await readTokenForm(request, clock);
    const { outcome } = presentedBy(request);
    const peer = outcome !== undefined && 'peer' in outcome ? outcome.peer : undefined;
    const now = clock.now();
    const body = introspect({ ...this.#options, clients: clients.current(), resourceServers, form, peer, now });
    return { status: 200, body };
  }

  async #revocation(request: IncomingMessage): Promise<Answer> {
    const form = await readTokenForm(request, this.#options.clock);
    await revokeToken({ ...this.#options, client: this.#client(request, form), form });
    return { status: 200 };
  }

  #client(request: IncomingMessage, form: TokenForm): AuthenticatedClient {
    const { clients, clock } = this.#options;
    const clientId = form.one('client_id');
    // RFC 8705, 2: without it nobody knows with what the certificate is to be compared.
    if (clientId === undefined) throw new Refusal('CS-OAUTH-002', { rule: 'the client_id is named' });
    const presented = presentedBy(request);
    return authenticateClient({ clientId, presented, clients: clients.current(), now: clock.now() });
  }
}

function presentedBy(request: IncomingMessage): Presented {
  return { outcome: optionalPeerOf(request), certificate: presentedCertificateOf(request) };
}

/** Octet for octet: nothing is decoded, so nothing has two spellings. */
function pathOf({ url = '' }: IncomingMessage): string {
  const at = url.indexOf('?');
  return at === -1 ? url : url.slice(0, at);
}

function noEndpoint(request: IncomingMessage): Refusal {
  return new Refusal('CS-OAUTH-012', { method: request.method ?? '', path: pathOf(request).slice(0, 256) });
}

/** RFC 6749, 5.1: nobody keeps what is answered. A request that was not read to its end takes its connection with it. */
function send(request: IncomingMessage, response: ServerResponse, { status, body }: Answer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(text);
}

function requireAddress(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new TypeError('an issuer is an https URL without user, query and fragment');
  return url;
}
