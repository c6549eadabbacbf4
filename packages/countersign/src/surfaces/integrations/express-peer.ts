/** Express: the verified peer at `request.peer`, and nobody goes on without one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRefusal } from '../../ground/errors/index.ts';
import type { PeerPolicy } from '../../identity/authorization/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';
import { admittedPeer, requirePolicy } from './admitted-peer.ts';
import { refusedAnswer } from './refused-answer.ts';

export type ExpressMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

declare global {
  // Express's own place for what middlewares add; it is there where @types/express is, and says nothing elsewhere.
  // eslint-disable-next-line @typescript-eslint/no-namespace -- which is a namespace
  namespace Express {
    interface Request {
      /** Behind `expressPeer()`: the client, verified. */
      readonly peer: VerifiedPeer;
    }
  }
}

/**
 * For the whole application (`app.use(expressPeer())`), or with a policy for a route (`app.get('/admin', expressPeer(policy), handler)`).
 * Who is refused gets 403 with the code from here, and no error handler hears of it.
 * @param policy beside that of the server, which has let the peer in already
 */
export function expressPeer(policy?: PeerPolicy): ExpressMiddleware {
  requirePolicy(policy);
  return (request, response, next) => {
    let peer: VerifiedPeer;
    try {
      peer = admittedPeer(request, policy);
    } catch (error) {
      if (!isRefusal(error)) {
        next(error);
        return;
      }
      const { status, headers, body } = refusedAnswer(error);
      response.writeHead(status, headers).end(body);
      return;
    }
    // Not to be overwritten by whatever comes later; the same again where a route asks for more.
    Object.defineProperty(request, 'peer', { value: peer, enumerable: true });
    next();
  };
}
