/** Calls what a server's owner gave to serve with. Where that throws, or rejects, what it served ends with a code, and nothing else does. */
import { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse } from 'node:http2';
import { Refusal } from '../../../ground/errors/index.ts';
import { respondRefusal } from '../refusals/http1-answer.ts';
import { respondHttp2Refusal } from '../refusals/http2-answer.ts';
import type { Telling } from '../refusals/refusal-body.ts';

/** Characters of an error's text that a log line is given. Our own choice. */
const mostOfReason = 300;

/** @param onFailure ends what was being served */
export function serving<Given extends readonly unknown[]>(
  handler: string,
  serve: (...given: Given) => unknown,
  onFailure: (refusal: Refusal, ...given: Given) => void,
): (...given: Given) => void {
  const fail = (error: unknown, given: Given): void => onFailure(failureOf(handler, error), ...given);
  return (...given) => {
    try {
      // An asynchronous function fits where one that answers nothing is asked for.
      const answered = serve(...given);
      if (answered instanceof Promise) answered.catch((error: unknown) => fail(error, given));
    } catch (error) {
      fail(error, given);
    }
  };
}

function failureOf(handler: string, error: unknown): Refusal {
  const reason = (error instanceof Error ? String(error) : `threw ${typeof error}`).slice(0, mostOfReason);
  return new Refusal('CS-TLS-018', { handler, reason }, { cause: error });
}

/** 500 with the code where nothing was said yet; a response that has begun is cut off, so that it cannot look whole. */
export function endFailedResponse(
  response: ServerResponse | Http2ServerResponse,
  refusal: Refusal,
  telling: Telling,
): void {
  if (response instanceof ServerResponse) {
    if (response.headersSent) return void response.destroy();
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    respondRefusal(response, refusal, telling, refusal.http);
  } else if (response.headersSent) {
    response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  } else {
    respondHttp2Refusal(response.stream, refusal, telling, refusal.http);
  }
}
