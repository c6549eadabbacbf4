/** Hono on Node: the claims of the access token at `c.get('token')` and `c.var.token`, and no handler runs without. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { requireRouteRules, type RouteRules, type TokenClaims } from '../../identity/bound-tokens/index.ts';
import type { PeerBearer } from '../../runtime/tls/index.ts';
import type { RequestLike, TokenCheck } from '../../traffic/token-sources/index.ts';
import { refusedTokenAnswer } from './refused-token-answer.ts';
import { requireCheck, tokenOf } from './token-request.ts';

/** `new Hono<{ Variables: TokenVariables }>()`. */
export interface TokenVariables {
  readonly token: TokenClaims;
}

/** What is used of Hono's context. */
export interface HonoTokenContextLike {
  /** With @hono/node-server: `incoming`, Node's request. */
  readonly env: unknown;
  set(key: 'token', value: TokenClaims): void;
}

export type HonoTokenMiddleware = (
  context: HonoTokenContextLike,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

/** `app.use(honoToken(check))`, or for a route: `app.get('/orders', honoToken(check, { scopes: ['orders'] }), handler)`. */
export function honoToken(check: TokenCheck, route: RouteRules = {}): HonoTokenMiddleware {
  requireCheck(check);
  requireRouteRules(route);
  return async (context, next) => {
    try {
      context.set('token', await tokenOf(incomingOf(context.env), check, route));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { status, headers, body } = refusedTokenAnswer(error, route);
      return new Response(body, { status, headers });
    }
    await next();
    return undefined;
  };
}

/** Elsewhere than on Node there is no request of Node's: nobody is known, and no token is anybody's own. */
function incomingOf(env: unknown): PeerBearer & RequestLike {
  const incoming = typeof env === 'object' && env !== null && 'incoming' in env ? env.incoming : undefined;
  if (typeof incoming !== 'object' || incoming === null || !('rawHeaders' in incoming))
    throw new Refusal('CS-PEER-001', { address: 'not known' });
  return incoming as PeerBearer & RequestLike;
}
