/** A token issuer and a resource that relies on it, over real connections, for the tests of both sides. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import {
  allowAnyPeer,
  spiffeId,
  spiffeIdPattern,
} from '../../packages/countersign/src/identity/authorization/index.ts';
import type { JsonObject, TokenClaims } from '../../packages/countersign/src/identity/bound-tokens/index.ts';
import {
  ClientSet,
  createTokenServer,
  openRevokedTokens,
  type TokenEvent,
  TokenIssuer,
  type TokenIssuerOptions,
  TokenKeys,
} from '../../packages/countersign/src/issuing/token-issuer/index.ts';
import {
  createServer,
  fixedSource,
  type RequestHandler,
  type Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { tokenHandler } from '../../packages/countersign/src/surfaces/integrations/index.ts';
import type { TestPeers } from '../../packages/countersign/src/surfaces/testing/index.ts';
import {
  createTokenCheck,
  type KeySource,
  signedTokens,
  fixedKeys,
} from '../../packages/countersign/src/traffic/token-sources/index.ts';

export const orders = 'https://orders.test';

export const quiet = { onRefusal: (): void => undefined, onClosed: (): void => undefined } as const;

export interface IssuerHouse {
  readonly address: string;
  readonly port: number;
  readonly issued: TokenEvent[];
  readonly keys: TokenKeys;
  readonly handler: RequestHandler;
}

export interface WantedIssuer extends Partial<TokenIssuerOptions> {
  readonly registrations?: readonly JsonObject[];
  /** Stands before the issuer's own handler. */
  readonly before?: (handler: RequestHandler) => RequestHandler;
  readonly clock?: Clock;
  /** On which the server's connections rest; default that of the peers. */
  readonly serverTrust?: Trust;
}

/** Every identity of the trust domain is a client under its own name, and `orders` may ask about its tokens. */
export async function startIssuer(t: TestContext, peers: TestPeers, wanted: WantedIssuer = {}): Promise<IssuerHouse> {
  const { registrations = [], before, clock = systemClock, serverTrust: trust = peers.trust, ...more } = wanted;
  const dir = mkdtempSync(join(tmpdir(), 'issuer-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const keys = await TokenKeys.open({ dir: join(dir, 'keys'), clock });
  t.after(() => keys.close());
  const issued: TokenEvent[] = [];
  // The port is known only when it listens, and every token names the address.
  const holder: { issuer?: TokenIssuer } = {};
  const own = { ...peers.own('issuer'), trust, ...quiet };
  const serve: RequestHandler = (request, response) => holder.issuer?.handler(request, response);
  const server =
    more.selfSigned === 'accepted'
      ? createTokenServer(allowAnyPeer(), own, { selfSigned: 'accepted', handler: serve })
      : createServer(allowAnyPeer(), own, before?.(serve) ?? serve);
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const address = `https://127.0.0.1:${port}`;
  holder.issuer = new TokenIssuer({
    issuer: address,
    keys,
    clients: fixedSource(
      new ClientSet(registrations, [
        { who: spiffeIdPattern('spiffe://test.internal/*'), scopes: ['read', 'write'], resources: [orders] },
      ]),
    ),
    revoked: await openRevokedTokens({ path: join(dir, 'revoked'), clock }),
    trust: peers.trust,
    clock,
    resourceServers: [{ resource: orders, who: spiffeId('spiffe://test.internal/orders') }],
    onIssued: (event) => issued.push(event),
    ...more,
  });
  return { address, port, issued, keys, handler: holder.issuer.handler };
}

export type ResourceHandler = (request: IncomingMessage, response: ServerResponse, token: TokenClaims) => void;

/** Keys as they are now: those of the issuer itself, without a fetch. */
export function keysOf({ keys }: IssuerHouse): KeySource {
  return {
    keyFor: (question) => fixedKeys({ keys: [...keys.jwks.keys] }).keyFor(question),
    holds: () => true,
  };
}

export async function startResource(
  t: TestContext,
  peers: TestPeers,
  issuer: IssuerHouse,
  handler: ResourceHandler,
): Promise<string> {
  const check = createTokenCheck({
    issuer: issuer.address,
    audience: orders,
    clock: systemClock,
    source: signedTokens(keysOf(issuer)),
  });
  const server = createServer(allowAnyPeer(), { ...peers.own('orders'), ...quiet }, tokenHandler(check, handler));
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return `https://127.0.0.1:${port}`;
}
