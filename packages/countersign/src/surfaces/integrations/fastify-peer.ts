/** Fastify: the verified peer at `request.peer`, and no handler runs without one. */
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { isRefusal } from '../../ground/errors/index.ts';
import type { PeerPolicy } from '../../identity/authorization/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';
import { admittedPeer, requirePolicy } from './admitted-peer.ts';
import { refusedAnswer } from './refused-answer.ts';

/** What is used of Fastify's request, reply and instance. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage | Http2ServerRequest;
}

export interface FastifyReplyLike {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(payload: Buffer): unknown;
}

export type FastifyHook = (request: FastifyRequestLike, reply: FastifyReplyLike, done: (error?: Error) => void) => void;

export interface FastifyLike {
  decorateRequest(name: 'peer', value: null): unknown;
  addHook(name: 'onRequest', hook: FastifyHook): unknown;
}

/** `await app.register(fastifyPeer)`: for every route of the application, also those registered before it. */
export const fastifyPeer: (app: FastifyLike, options: unknown, done: (error?: Error) => void) => void = Object.assign(
  (app: FastifyLike, _options: unknown, done: (error?: Error) => void): void => {
    app.decorateRequest('peer', null);
    app.addHook('onRequest', hookOf(undefined, 'remember'));
    done();
  },
  // Without it Fastify would keep the hook to a scope of this plugin's own, in which there are no routes.
  { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'countersign-peer' },
);

/** For a route: `app.get('/admin', { onRequest: fastifyRequirePeer(policy) }, handler)`. @param policy beside that of the server */
export function fastifyRequirePeer(policy: PeerPolicy): FastifyHook {
  // A route that asks for a policy and has none, by a mistake in plain JavaScript, must not be open to all.
  if ((policy as unknown) === undefined) throw new TypeError('fastifyRequirePeer() takes a policy');
  return hookOf(policy, 'ask alone');
}

function hookOf(policy: PeerPolicy | undefined, purpose: 'remember' | 'ask alone'): FastifyHook {
  requirePolicy(policy);
  return (request, reply, done) => {
    let peer: VerifiedPeer;
    try {
      peer = admittedPeer(request.raw, policy);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { status, headers, body } = refusedAnswer(error);
      reply.code(status);
      reply.headers(headers);
      // Neither `done` nor a handler is called: an answer has been given. As octets, since Fastify adds a charset to what is text.
      reply.send(Buffer.from(body));
      return;
    }
    if (purpose === 'remember') Object.assign(request, { peer });
    done();
  };
}
