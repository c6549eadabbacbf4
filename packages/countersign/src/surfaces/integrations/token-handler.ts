/** Node's own servers: a handler that is called with the claims of the access token, and not without. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { isRefusal } from '../../ground/errors/index.ts';
import { requireRouteRules, type RouteRules, type TokenClaims } from '../../identity/bound-tokens/index.ts';
import type { TokenCheck } from '../../traffic/token-sources/index.ts';
import { refusedTokenAnswer } from './refused-token-answer.ts';
import { requireCheck, tokenOf } from './token-request.ts';

type Asked = IncomingMessage | Http2ServerRequest;
type Answering = ServerResponse | Http2ServerResponse;

/**
 * `createServer(policy, options, tokenHandler(check, (request, response, token) => ...))`, also for `createHttp2Server`. A handler that throws ends the
 * process as one of Node's own does.
 */
export function tokenHandler<Request extends Asked, Response extends Answering>(
  check: TokenCheck,
  handler: (request: Request, response: Response, token: TokenClaims) => void,
  route: RouteRules = {},
): (request: Request, response: Response) => void {
  requireCheck(check);
  requireRouteRules(route);
  return (request, response) => {
    tokenOf(request, check, route).then(
      (token) => process.nextTick(handler, request, response, token),
      (error: unknown) => {
        if (!isRefusal(error)) {
          process.nextTick(() => {
            throw error;
          });
          return;
        }
        const { status, headers, body } = refusedTokenAnswer(error, route);
        response.statusCode = status;
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        response.end(body);
      },
    );
  };
}
