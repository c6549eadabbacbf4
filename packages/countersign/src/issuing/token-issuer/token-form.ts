/** The form of a request to a token endpoint (RFC 6749, 3.2 and appendix B): read within bounds, each parameter once. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';

/** A token of 8,192 characters, and what stands beside it. Own choice. */
const mostBytes = 16 * 1024;
const timeoutMs = 10_000;
const mostParameters = 64;

/** RFC 8707, 2: the one that may come more than once. */
const repeatable = 'resource';

export interface TokenForm {
  /** `undefined` where it is absent or empty, which is the same (RFC 6749, 3.2). */
  one(name: string): string | undefined;
  readonly resources: readonly string[];
}

/** @throws CS-OAUTH-002, -004 */
export async function readTokenForm(request: IncomingMessage, clock: Clock): Promise<TokenForm> {
  requireBareHead(request);
  const parameters = new URLSearchParams(await textOf(request, clock));
  const names = [...parameters.keys()];
  if (names.length > mostParameters) throw malformed(`at most ${mostParameters} parameters`);
  const twice = names.find((name, at) => name !== repeatable && names.indexOf(name) !== at);
  if (twice !== undefined) throw malformed('each parameter comes once');
  if ([...parameters.values(), ...names].some((text) => text.includes('\ufffd')))
    throw malformed('the form is in UTF-8');
  for (const name of ['client_secret', 'client_assertion', 'client_assertion_type'])
    if (parameters.has(name)) throw new Refusal('CS-OAUTH-004', { method: name });
  return {
    one: (name) => parameters.get(name) || undefined,
    resources: parameters.getAll(repeatable).filter((one) => one !== ''),
  };
}

function requireBareHead({ headers, url = '' }: IncomingMessage): void {
  const [type = '', ...more] = (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/x-www-form-urlencoded' || more.some((part) => !/^charset="?utf-8"?$/.test(part)))
    throw malformed('the content-type is application/x-www-form-urlencoded');
  if (headers['content-encoding'] !== undefined) throw malformed('the form is not compressed');
  // RFC 6749, 2.3.1: never in the address, which logs keep.
  if (url.includes('?')) throw malformed('parameters stand in the body alone');
  if (headers.authorization !== undefined) throw new Refusal('CS-OAUTH-004', { method: 'the Authorization header' });
  if (headers['dpop'] !== undefined) throw malformed('DPoP is not supported: tokens are bound to the certificate');
}

async function textOf(request: IncomingMessage, clock: Clock): Promise<string> {
  const late = malformed(`the form comes within ${timeoutMs} ms`);
  const timer = clock.after(timeoutMs, () => request.destroy(late));
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > mostBytes) throw malformed(`a form has at most ${mostBytes} bytes`);
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof Refusal ? error : malformed('the form comes whole');
  } finally {
    timer.cancel();
  }
  return Buffer.concat(parts).toString('utf8');
}

function malformed(rule: string): Refusal {
  return new Refusal('CS-OAUTH-002', { rule });
}
