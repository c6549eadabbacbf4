/** A program that speaks HTTP/1.1. */
import { Agent, request as plainRequest } from 'node:http';
import { endToEndHeaders } from './program-headers.ts';
import type { Program } from './program.ts';

/** Its connections are used again, for every caller: what tells callers apart is in each request. */
export function http1Program(): Program {
  const agent = new Agent({ keepAlive: true });
  return {
    ask: ({ upstream, method, target, headers, hasBody }) => {
      const onward = plainRequest({
        ...upstream,
        agent,
        method,
        path: target,
        headers: [...headers, ...framing(headers, hasBody)].flat(),
        setHost: false,
      });
      return {
        body: onward,
        trail: (trailers) => onward.addTrailers(trailers.map(([name, value]): [string, string] => [name, value])),
        on: ({ onAnswer, onFailure }) => {
          onward.once('response', (answer) => {
            const { statusCode: status = 502, statusMessage: reason, rawHeaders } = answer;
            // The end of a body that was cut off is an error here and a `close` for who takes it.
            answer.on('error', () => undefined);
            const headers = endToEndHeaders(rawHeaders);
            onAnswer({ status, reason, headers, body: answer, bodiless: false, trailers: () => answer.rawTrailers });
          });
          onward.on('error', onFailure);
        },
        giveUp: () => void onward.destroy(),
      };
    },
  };
}

/** A body of unknown length is framed anew (RFC 9112, 6); a request without one stays without. */
function framing(headers: readonly (readonly [string, string])[], hasBody: boolean): readonly [string, string][] {
  const measured = headers.some(([name]) => name.toLowerCase() === 'content-length');
  return hasBody && !measured ? [['transfer-encoding', 'chunked']] : [];
}
