/** Express: the claims of the access token at `request.token`, and nobody goes on without one of their own. */
import { isRefusal } from '../../ground/errors/index.ts';
import { requireRouteRules, type RouteRules, type TokenClaims } from '../../identity/bound-tokens/index.ts';
import type { TokenCheck } from '../../traffic/token-sources/index.ts';
import type { ExpressMiddleware } from './express-peer.ts';
import { refusedTokenAnswer } from './refused-token-answer.ts';
import { requireCheck, tokenOf } from './token-request.ts';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- as in express-peer.ts
  namespace Express {
    interface Request {
      /** Behind `expressToken()`: what the token says that is bound to the certificate of the peer. */
      readonly token: TokenClaims;
    }
  }
}

/** `app.use(expressToken(check))`, or for a route: `app.get('/orders', expressToken(check, { scopes: ['orders'] }), handler)`. */
export function expressToken(check: TokenCheck, route: RouteRules = {}): ExpressMiddleware {
  requireCheck(check);
  requireRouteRules(route);
  return (request, response, next) => {
    tokenOf(request, check, route).then(
      (token) => {
        Object.defineProperty(request, 'token', { value: token, enumerable: true, configurable: true });
        next();
      },
      (error: unknown) => {
        if (!isRefusal(error)) {
          next(error);
          return;
        }
        const { status, headers, body } = refusedTokenAnswer(error, route);
        response.writeHead(status, headers).end(body);
      },
    );
  };
}
