/** Fastify: the claims of the access token at `request.token`, for the routes that have this hook. */
import { isRefusal } from '../../ground/errors/index.ts';
import { requireRouteRules, type RouteRules } from '../../identity/bound-tokens/index.ts';
import type { TokenCheck } from '../../traffic/token-sources/index.ts';
import type { FastifyReplyLike, FastifyRequestLike } from './fastify-peer.ts';
import { refusedTokenAnswer } from './refused-token-answer.ts';
import { requireCheck, tokenOf } from './token-request.ts';

export type FastifyAsyncHook = (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>;

/** `app.addHook('onRequest', fastifyRequireToken(check))`, or for a route: `app.get('/orders', { onRequest: fastifyRequireToken(check) }, handler)`. */
export function fastifyRequireToken(check: TokenCheck, route: RouteRules = {}): FastifyAsyncHook {
  requireCheck(check);
  requireRouteRules(route);
  return async (request, reply) => {
    try {
      Object.assign(request, { token: await tokenOf(request.raw, check, route) });
      return undefined;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { status, headers, body } = refusedTokenAnswer(error, route);
      reply.code(status);
      reply.headers(headers);
      reply.send(Buffer.from(body));
      // By what is returned Fastify knows that an answer has been given.
      return reply;
    }
  };
}
