/** Hono on Node: the verified peer at `c.get('peer')` and `c.var.peer`, and no handler runs without one. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import type { PeerPolicy } from '../../identity/authorization/index.ts';
import type { PeerBearer, VerifiedPeer } from '../../runtime/tls/index.ts';
import { admittedPeer, requirePolicy } from './admitted-peer.ts';
import { refusedAnswer } from './refused-answer.ts';

/** `new Hono<{ Variables: PeerVariables }>()`. */
export interface PeerVariables {
  readonly peer: VerifiedPeer;
}

/** What is used of Hono's context. */
export interface HonoContextLike {
  /** With @hono/node-server: `incoming`, Node's request. */
  readonly env: unknown;
  set(key: 'peer', value: VerifiedPeer): void;
}

export type HonoMiddleware = (context: HonoContextLike, next: () => Promise<void>) => Promise<Response | undefined>;

/**
 * `app.use(honoPeer())`, or with a policy for a route: `app.get('/admin', honoPeer(policy), handler)`.
 * @param policy beside that of the server, which has let the peer in already
 */
export function honoPeer(policy?: PeerPolicy): HonoMiddleware {
  requirePolicy(policy);
  return async (context, next) => {
    try {
      context.set('peer', admittedPeer(incomingOf(context.env), policy));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { status, headers, body } = refusedAnswer(error);
      return new Response(body, { status, headers });
    }
    await next();
    return undefined;
  };
}

/** Elsewhere than on Node there is no request of Node's, and so nobody is known. */
function incomingOf(env: unknown): PeerBearer {
  const incoming = typeof env === 'object' && env !== null && 'incoming' in env ? env.incoming : undefined;
  if (typeof incoming !== 'object' || incoming === null) throw new Refusal('CS-PEER-001', { address: 'not known' });
  // Whatever else stands there bears no peer, and is refused for that.
  return incoming as PeerBearer;
}
