/** One access token from the token endpoint (RFC 6749, 4.4; RFC 8705): asked over the connection by whose certificate it will be bound. */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, printable, Refusal } from '../../ground/errors/index.ts';
import { type JsonObject, mostTokenCharacters, parseStrictObject } from '../../identity/bound-tokens/index.ts';

export interface BoundToken {
  readonly text: string;
  /** From now, when the next one is asked for. */
  readonly renewAfterMs: number;
  /** By both clocks, as the one may be set and the other sleeps. */
  readonly endsAt: number;
  readonly endsAtMonotonic: number;
}

export interface GrantQuestion {
  readonly address: string;
  readonly clientId: string;
  readonly scope: string | undefined;
  readonly resource: string | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
}

/** A token and what stands beside it. Own choice. */
const mostBytes = 64 * 1024;

/** b64token (RFC 6750, 2.1). */
const tokenForm = /^[A-Za-z0-9._~+/-]+=*$/;

/** Of its life, after which the next one is asked for; the rest is for an issuer that is not to be had. Own choice. */
const renewAfter = 0.7;

/** Before its end, so that it is good still when it arrives; of a short life a tenth. Own choice. */
const marginMs = 5000;

/** @throws CS-OAUTH-030 */
export async function grantToken(question: GrantQuestion): Promise<BoundToken> {
  const { clock, timeoutMs, address } = question;
  const controller = new AbortController();
  const late = failed(address, `no answer within ${timeoutMs} ms`);
  const timer = clock.after(timeoutMs, () => controller.abort(late), { unref: true });
  const [now, monotonic] = [clock.now(), clock.monotonic()];
  try {
    const { text, lifeMs } = await answered(question, controller.signal);
    const usableMs = lifeMs - Math.min(marginMs, lifeMs / 10);
    return {
      text,
      renewAfterMs: lifeMs * renewAfter,
      endsAt: now + usableMs,
      endsAtMonotonic: monotonic + usableMs,
    };
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-OAUTH-030') throw error;
    throw failed(address, isRefusal(error) ? `${error.code} ${error.title}` : 'the connection failed', error);
  } finally {
    timer.cancel();
    controller.abort(late);
  }
}

async function answered(question: GrantQuestion, signal: AbortSignal): Promise<{ text: string; lifeMs: number }> {
  const { address, clientId, scope, resource, dispatcher } = question;
  const { request } = await import('undici');
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId });
  if (scope !== undefined) form.set('scope', scope);
  if (resource !== undefined) form.set('resource', resource);
  const { statusCode, body } = await request(address, {
    dispatcher,
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    signal,
  });
  // An abort after the head was read makes the body fail, which nobody else may be listening for.
  body.on('error', () => undefined);
  const object = parseStrictObject(await octetsOf(body, address));
  if (statusCode !== 200) throw failed(address, `status ${statusCode}, ${saidIn(object)}`);
  return tokenIn(object, address);
}

function tokenIn(object: JsonObject | undefined, address: string): { text: string; lifeMs: number } {
  const { access_token: text, token_type: type, expires_in: seconds } = object ?? {};
  if (typeof text !== 'string' || text.length > mostTokenCharacters || !tokenForm.test(text))
    throw failed(address, 'an answer without an access_token');
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw failed(address, 'a token that is no Bearer token');
  // Without an end nobody knows when to renew it.
  if (typeof seconds !== 'number' || !(seconds > 0) || !Number.isFinite(seconds))
    throw failed(address, 'a token without expires_in');
  return { text, lifeMs: seconds * 1000 };
}

async function octetsOf(body: AsyncIterable<unknown>, address: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    if (!(part instanceof Uint8Array)) throw failed(address, 'an answer that is not octets');
    length += part.length;
    if (length > mostBytes) throw failed(address, `an answer of more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function saidIn(object: JsonObject | undefined): string {
  const said = [object?.['error'], object?.['error_description']].filter((text) => typeof text === 'string');
  return said.length === 0 ? 'without a reason' : printable(said.join(': ').slice(0, 200));
}

function failed(address: string, reason: string, cause?: unknown): Refusal {
  return new Refusal('CS-OAUTH-030', { address, reason }, cause === undefined ? {} : { cause });
}
