/** The keys that sign access tokens, in a folder of their own: each is published before it signs, and as long as a token of its making lives. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock, Timer } from '../../ground/clock/index.ts';
import { toBase64Url } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import type { JsonObject } from '../../identity/bound-tokens/index.ts';
import { type KeyType, ownFileLimits } from '../../identity/x509/index.ts';
import {
  ensurePrivateDirectory,
  readJsonFile,
  readPrivateFile,
  writeFileAtomically,
  writeJsonFile,
} from '../../runtime/config/index.ts';
import {
  generatePrivateKey,
  jwkThumbprint,
  type JwsKey,
  parseJwsKey,
  parsePrivateKey,
  type PrivateKey,
  publicJwk,
} from '../../runtime/cryptography/index.ts';
import { tell } from '../../runtime/tls/index.ts';
import { longestTokenMs } from './token-life.ts';

export type SigningAlgorithm = 'ES256' | 'EdDSA';

export interface TokenKeysOptions {
  /** A folder of its own; made 0700 where it is missing. Keys in it are 0600. */
  readonly dir: string;
  readonly clock: Clock;
  /** Of keys that are made from now on; default ES256. */
  readonly algorithm?: SigningAlgorithm;
  /** How long a key signs; default 30 days. */
  readonly signMs?: number;
  /** How long the next key is published before it signs, at least: longer than resources keep what they fetched. Default one day. */
  readonly aheadMs?: number;
  /** Under which the keys are kept; default none. */
  readonly passphrase?: string;
  /** Another key signs from now on. What it throws is a rotation that failed. */
  readonly onSigning?: (keyId: string) => Promise<void> | void;
  /** A rotation failed, and is tried again; default a warning of the process. */
  readonly onFailure?: (error: unknown) => void;
}

interface HeldKey {
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: PrivateKey;
  readonly jwk: JsonObject;
  readonly verifier: JwsKey;
  /** Milliseconds since 1970, as all of these. */
  readonly publishedAt: number;
  readonly signsFrom: number | undefined;
  readonly retiredAt: number | undefined;
}

const dayMs = 86_400_000;
const defaults = { algorithm: 'ES256', signMs: 30 * dayMs, aheadMs: dayMs } as const;

/** A rotation that failed is tried again after this; and of a long wait no timer of Node knows more than 24 days. */
const retryMs = 60_000;
const longestWaitMs = dayMs;

/** Beyond the last token's end, for clocks that differ (`clockToleranceMs` of resources). */
const afterwardsMs = 60_000;

const stateFile = 'keys.json';
const keyFileForm = /^([A-Za-z0-9_-]{43})\.key\.pem$/;
const keyTypes: Readonly<Record<SigningAlgorithm, KeyType>> = { ES256: 'P-256', EdDSA: 'Ed25519' };

const stateShape = z.strictObject({
  version: z.literal(1),
  keys: z.array(
    z.strictObject({
      keyId: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
      algorithm: z.enum(['ES256', 'EdDSA']),
      publishedAt: z.number().int(),
      signsFrom: z.number().int().optional(),
      retiredAt: z.number().int().optional(),
    }),
  ),
});

export class TokenKeys {
  readonly #options: TokenKeysOptions & typeof defaults;
  /** In the order in which they sign: retired ones, the one that signs, the next one. */
  #keys: readonly HeldKey[];
  #turn: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #closed = false;

  /** Not for callers: `TokenKeys.open`. */
  private constructor(options: TokenKeysOptions & typeof defaults, keys: readonly HeldKey[]) {
    this.#options = options;
    this.#keys = keys;
  }

  /** @throws CS-OAUTH-009, and the refusals of files and passphrases */
  static async open(given: TokenKeysOptions): Promise<TokenKeys> {
    const options = { ...defaults, ...given } as TokenKeysOptions & typeof defaults;
    await ensurePrivateDirectory(options.dir);
    const opened = new TokenKeys(options, await readKeys(options));
    await opened.tick();
    opened.#arm();
    return opened;
  }

  /** RFC 7517: the next key, the one that signs, and those whose tokens may still live. */
  get jwks(): { readonly keys: readonly JsonObject[] } {
    return { keys: this.#published().map(({ jwk }) => jwk) };
  }

  get signingKeyId(): string {
    return this.#signing().keyId;
  }

  /** @param claims of an access token @returns a JWT (RFC 9068) */
  sign(claims: JsonObject): string {
    const { algorithm, keyId, privateKey } = this.#signing();
    const signed = [{ alg: algorithm, typ: 'at+jwt', kid: keyId }, claims].map(encoded).join('.');
    return `${signed}.${toBase64Url(privateKey.signJws(signed))}`;
  }

  verifier(keyId: string | undefined): JwsKey | undefined {
    return this.#published().find((key) => key.keyId === keyId)?.verifier;
  }

  /** Does what is due: timers do it as well, a caller need not. */
  tick(): Promise<void> {
    return this.#inTurn(async () => {
      const now = this.#options.clock.now();
      if (this.#keys.length === 0) await this.#begin(now);
      const signing = this.#signing();
      const next = this.#next();
      if (next === undefined) await this.#replace([...this.#keys, this.#newKey(now)]);
      else if (now >= this.#dueAt(signing, next)) await this.#promote(signing, next, now);
      const kept = this.#keys.filter((key) => !this.#isOver(key));
      if (kept.length < this.#keys.length) await this.#replace(kept);
    });
  }

  /** The next key signs from now on. @throws CS-OAUTH-010 where it has not been published long enough */
  rotate(): Promise<void> {
    return this.#inTurn(async () => {
      const next = this.#next();
      const now = this.#options.clock.now();
      if (next === undefined) throw new TypeError('there is always a next key');
      const from = next.publishedAt + this.#options.aheadMs;
      if (now < from) throw new Refusal('CS-OAUTH-010', { keyId: next.keyId, from });
      await this.#promote(this.#signing(), next, now);
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #signing(): HeldKey {
    const key = this.#keys.find(({ signsFrom, retiredAt }) => signsFrom !== undefined && retiredAt === undefined);
    if (key === undefined) throw new TypeError('there is always a key that signs');
    return key;
  }

  #next(): HeldKey | undefined {
    return this.#keys.find(({ signsFrom }) => signsFrom === undefined);
  }

  #published(): readonly HeldKey[] {
    return this.#keys.filter((key) => !this.#isOver(key));
  }

  #isOver({ retiredAt }: HeldKey): boolean {
    return retiredAt !== undefined && this.#options.clock.now() >= retiredAt + longestTokenMs + afterwardsMs;
  }

  #dueAt({ signsFrom = 0 }: HeldKey, next: HeldKey): number {
    return Math.max(signsFrom + this.#options.signMs, next.publishedAt + this.#options.aheadMs);
  }

  /** The very first: nobody can have fetched others before. */
  async #begin(now: number): Promise<void> {
    const first = { ...this.#newKey(now), signsFrom: now };
    await this.#replace([first, this.#newKey(now)]);
    await this.#options.onSigning?.(first.keyId);
  }

  async #promote(signing: HeldKey, next: HeldKey, now: number): Promise<void> {
    const others = this.#keys.filter((key) => key !== signing && key !== next);
    await this.#replace([...others, { ...signing, retiredAt: now }, { ...next, signsFrom: now }, this.#newKey(now)]);
    await this.#options.onSigning?.(next.keyId);
  }

  #newKey(now: number): HeldKey {
    const { algorithm } = this.#options;
    const privateKey = generatePrivateKey(keyTypes[algorithm]);
    return held(privateKey, { algorithm, publishedAt: now, signsFrom: undefined, retiredAt: undefined });
  }

  /** Keys first, then the list that counts, then what is over: a crash leaves the old state or the new one. */
  async #replace(keys: readonly HeldKey[]): Promise<void> {
    const { dir, passphrase } = this.#options;
    const known = new Set(this.#keys.map(({ keyId }) => keyId));
    for (const { keyId, privateKey } of keys.filter((key) => !known.has(key.keyId))) {
      const pem =
        passphrase === undefined ? privateKey.toPem() : privateKey.toEncryptedPem(passphrase, { kdf: 'scrypt' });
      await writeFileAtomically(join(dir, keyFile(keyId)), pem);
    }
    await writeJsonFile(join(dir, stateFile), { version: 1, keys: keys.map(described) });
    this.#keys = keys;
    await removeOthers(dir, keys);
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #arm(): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    const next = this.#next();
    const due = next === undefined ? 0 : this.#dueAt(this.#signing(), next);
    const wait = Math.min(longestWaitMs, Math.max(retryMs, due - clock.now()));
    this.#timer = clock.after(wait, () => void this.#tickAndArm(), { unref: true });
  }

  async #tickAndArm(): Promise<void> {
    try {
      await this.tick();
    } catch (error) {
      tell(this.#options.onFailure ?? warn, error);
    }
    this.#arm();
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error('a rotation of keys failed', { cause: error }));
}

async function readKeys({ dir, passphrase }: TokenKeysOptions): Promise<readonly HeldKey[]> {
  const names = await readdir(dir);
  if (!names.includes(stateFile)) {
    const orphan = names.find((name) => keyFileForm.test(name));
    // A folder that was begun, and nothing of it ever published.
    if (orphan !== undefined) await removeOthers(dir, []);
    return [];
  }
  const file = join(dir, stateFile);
  const { keys } = await readJsonFile(file, stateShape);
  const read: HeldKey[] = [];
  for (const { keyId, algorithm, publishedAt, signsFrom, retiredAt } of keys) {
    const path = join(dir, keyFile(keyId));
    const key = held(await readKey(path, passphrase), { algorithm, publishedAt, signsFrom, retiredAt });
    if (key.keyId !== keyId) throw damaged(path, 'it holds another key than its name says');
    read.push(key);
  }
  const signing = read.filter((key) => key.signsFrom !== undefined && key.retiredAt === undefined);
  if (read.length > 0 && signing.length !== 1) throw damaged(file, 'one key signs');
  await removeOthers(dir, read);
  return read;
}

async function readKey(path: string, passphrase: string | undefined): Promise<PrivateKey> {
  const pem = await readPrivateFile(path);
  try {
    return parsePrivateKey(pem, { ...(passphrase === undefined ? {} : { passphrase }), ...ownFileLimits });
  } catch (error) {
    if (isRefusal(error) && error.code.startsWith('CS-PKCS-')) throw error;
    throw damaged(path, 'it holds one private key', error);
  }
}

async function removeOthers(dir: string, keys: readonly HeldKey[]): Promise<void> {
  const kept = new Set(keys.map(({ keyId }) => keyFile(keyId)));
  for (const name of await readdir(dir))
    if (keyFileForm.test(name) && !kept.has(name)) await rm(join(dir, name), { force: true });
}

type Times = Pick<HeldKey, 'algorithm' | 'publishedAt' | 'signsFrom' | 'retiredAt'>;

function held(privateKey: PrivateKey, times: Times): HeldKey {
  const bare = publicJwk(privateKey.publicKey);
  const keyId = jwkThumbprint(bare);
  const jwk = { ...bare, kid: keyId, alg: times.algorithm, use: 'sig' };
  const verifier = parseJwsKey(jwk);
  if (verifier === undefined) throw new TypeError(`${times.algorithm} is signed with a key of its kind`);
  return { ...times, keyId, privateKey, jwk, verifier };
}

function described({ keyId, algorithm, publishedAt, signsFrom, retiredAt }: HeldKey): JsonObject {
  return { keyId, algorithm, publishedAt, signsFrom, retiredAt };
}

function keyFile(keyId: string): string {
  return `${keyId}.key.pem`;
}

function encoded(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function damaged(file: string, rule: string, cause?: unknown): Refusal {
  return new Refusal('CS-OAUTH-009', { file, rule }, cause === undefined ? {} : { cause });
}
