/** The keys of one run of the gateway as the next one finds them, in a file of mode 0600. */
import { parsePrivateKey, type PrivateKey } from '../../../runtime/cryptography/index.ts';
import { givenKeys, type KeptKeys } from '../../forwarded-identity/index.ts';

const version = 1;

export function signingStateText({ former, current, next, sinceMs }: KeptKeys): string {
  const pem = (key: PrivateKey | undefined): string | undefined => key?.toPem();
  return `${JSON.stringify({ version, sinceMs, current: pem(current), next: pem(next), former: pem(former) }, null, 2)}\n`;
}

/** @throws TypeError, or a Refusal of a key, where it holds something else */
export function parseSigningState(text: string): KeptKeys {
  const found = objectIn(text);
  const { sinceMs, current, next, former } = found;
  if (found['version'] !== version || typeof sinceMs !== 'number' || !Number.isFinite(sinceMs)) throw other();
  return {
    sinceMs,
    current: keyIn(current),
    next: keyIn(next),
    former: former === undefined ? undefined : keyIn(former),
  };
}

/** The first signs, all are published. */
export function keysOf({ former, current, next }: KeptKeys): readonly [PrivateKey, ...PrivateKey[]] {
  return [current, next, ...(former === undefined ? [] : [former])];
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    throw other();
  }
  throw other();
}

function keyIn(value: unknown): PrivateKey {
  if (typeof value !== 'string') throw other();
  const key = parsePrivateKey(value);
  givenKeys([key]);
  return key;
}

function other(): TypeError {
  return new TypeError('it holds something else than the keys of a gateway');
}
