/** Opaque tokens, of which their issuer is asked (RFC 7662): its answer is remembered for a short time, never longer than the token lives. */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { readClaims, type TokenClaims } from '../../identity/bound-tokens/index.ts';
import { boundedAnswer, issuerAddress, NoAnswer } from './bounded-answer.ts';
import { Recent } from './recent.ts';
import { memoryKey, mostRememberedTokens, type TokenSource } from './token-source.ts';

export interface IntrospectionOptions {
  /** The issuer's `introspection_endpoint`: https, or http to this machine itself. */
  readonly address: string;
  readonly clock: Clock;
  /** By which it is asked; one of mutual TLS authenticates this resource there. Default undici's own. */
  readonly dispatcher?: Dispatcher;
  /** The Authorization header of this resource there, asked for each time; default none. */
  readonly authorization?: () => string;
  /** How long an answer is remembered: so long a revoked token is still accepted. Default 30,000, at most 300,000; 0 asks each time. */
  readonly rememberMs?: number;
  /** For one question; default 5,000. */
  readonly timeoutMs?: number;
  /** Questions at the same time; more are refused. Default 256. */
  readonly mostAtOnce?: number;
}

const longestRememberMs = 300_000;
/** An answer has the claims of a token. Own choice. */
const mostBytes = 64 * 1024;

interface Remembered {
  readonly claims: TokenClaims;
  readonly until: number;
  readonly untilMonotonic: number;
}

/** @throws TypeError where the address may not be believed, or an option cannot be meant */
export function introspectedTokens(options: IntrospectionOptions): TokenSource {
  const { clock, rememberMs = 30_000, mostAtOnce = 256 } = options;
  const address = issuerAddress(options.address);
  if (!(rememberMs >= 0 && rememberMs <= longestRememberMs))
    throw new TypeError(`rememberMs is at most ${longestRememberMs}`);
  const recent = new Recent<Remembered>(mostRememberedTokens);
  const asked = new Map<string, Promise<TokenClaims>>();

  const ask = async (token: string, memory: string): Promise<TokenClaims> => {
    const claims = await introspected(token, address, options);
    const life = Math.min(rememberMs, claims.expiresAt - clock.now());
    if (life > 0) recent.set(memory, { claims, until: clock.now() + life, untilMonotonic: clock.monotonic() + life });
    return claims;
  };

  return {
    claimsOf: (token, thumbprint) => {
      const memory = memoryKey(token, thumbprint);
      const known = recent.get(memory);
      if (known !== undefined && clock.now() < known.until && clock.monotonic() < known.untilMonotonic)
        return known.claims;
      recent.delete(memory);
      const already = asked.get(memory);
      if (already !== undefined) return already;
      if (asked.size >= mostAtOnce) throw notToBeHad(address, 'too many questions at once');
      const answer = ask(token, memory).finally(() => asked.delete(memory));
      asked.set(memory, answer);
      return answer;
    },
  };
}

async function introspected(token: string, address: URL, options: IntrospectionOptions): Promise<TokenClaims> {
  const { clock, dispatcher, authorization, timeoutMs = 5000 } = options;
  const answer = await boundedAnswer({
    address,
    clock,
    timeoutMs,
    mostBytes,
    dispatcher,
    accept: ['application/json'],
    form: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    headers: authorization === undefined ? {} : { authorization: authorization() },
  }).catch((error: unknown) => {
    throw error instanceof NoAnswer ? notToBeHad(address, error.message, error) : error;
  });
  const { active, token_type: type } = answer;
  // A text that says true is no answer (RFC 7662, 2.2): who writes it may as well write "false".
  if (typeof active !== 'boolean') throw notToBeHad(address, 'active is neither true nor false');
  if (!active) throw new Refusal('CS-BEARER-017', { issuer: address.origin });
  if (typeof type === 'string' && type.toLowerCase() === 'dpop')
    throw new Refusal('CS-BEARER-003', { issuer: address.origin });
  return readClaims(answer);
}

function notToBeHad(address: URL, reason: string, cause?: unknown): Refusal {
  return new Refusal('CS-BEARER-019', { address: address.href, reason }, { cause });
}
