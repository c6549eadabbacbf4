/** Checking a certificate-bound access token: one seen before on this connection, and a new one beside the bare verification of its signature. */
import { constants, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { spiffeId } from 'countersign/authorization';
import { systemClock } from 'countersign/clock';
import { withoutRevocation } from 'countersign/revocation';
import { TestAuthority } from 'countersign/testing';
import { createPeerVerifier, fixedSource, Trust, type VerifiedPeer } from 'countersign/tls';
import { createTokenCheck, fixedKeys, signedTokens, type TokenCheck } from 'countersign/token-sources';
import type { Goal, Running, Subject } from '../frame/scenario.ts';

export const scenario = 'bound-token';
export const group = 'tokens';

/** So many in one operation, as the machinery around one costs as much as the act. */
const acts = 50;

const issuer = 'https://issuer.test';
const audience = 'https://orders.test';

type Algorithm = 'ES256' | 'PS256' | 'EdDSA';
const algorithms: readonly Algorithm[] = ['ES256', 'PS256', 'EdDSA'];

export const subjects: readonly Subject[] = [
  { name: 'seen before', start: async () => seenBefore() },
  ...algorithms.flatMap((algorithm): Subject[] => [
    { name: `new, ${algorithm}`, start: async () => newTokens(algorithm) },
    { name: `bare verify, ${algorithm}`, start: async () => bareVerify(algorithm) },
  ]),
];

export const goals: readonly Goal[] = [
  { goal: 'us for a token seen before', bound: 'at most', limit: 15, value: (cost) => cost('seen before') },
  ...algorithms.map((algorithm): Goal => ({
    goal: `a new token costs so many times the verification of its ${algorithm}`,
    bound: 'at most',
    limit: 1.3,
    value: (cost) => cost(`new, ${algorithm}`) / cost(`bare verify, ${algorithm}`),
  })),
];

export const notes: readonly string[] = [
  'tokens of RFC 9068 with a key of 2048 bits for PS256; headers as the requests of a connection have them; the keys of the issuer are held',
];

interface Made {
  readonly publicKey: KeyObject;
  readonly peer: VerifiedPeer;
  readonly newCheck: () => TokenCheck;
  readonly token: (number: number) => string;
}

function made(algorithm: Algorithm): Made {
  const { publicKey, privateKey } = keyPairFor(algorithm);
  const peer = verifiedPeer();
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig', alg: algorithm };
  const newCheck = (): TokenCheck => {
    const source = signedTokens(fixedKeys({ keys: [jwk] }));
    return createTokenCheck({ issuer, audience, clock: systemClock, source });
  };
  const now = Math.floor(Date.now() / 1000);
  const header = encoded({ alg: algorithm, typ: 'at+jwt', kid: 'a' });
  const token = (number: number): string => {
    const claims = {
      iss: issuer,
      sub: peer.spiffeId,
      client_id: peer.spiffeId,
      aud: audience,
      iat: now,
      exp: now + 3600,
      jti: `token ${number}`,
      scope: 'orders.read orders.write',
      cnf: { 'x5t#S256': peer.thumbprint },
    };
    const signed = `${header}.${encoded(claims)}`;
    return `${signed}.${sign(digestOf(algorithm), Buffer.from(signed), { key: privateKey, ...optionsOf(algorithm) }).toString('base64url')}`;
  };
  return { publicKey, newCheck, peer, token };
}

function keyPairFor(algorithm: Algorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return algorithm === 'PS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
}

function digestOf(algorithm: Algorithm): string | null {
  return algorithm === 'EdDSA' ? null : 'sha256';
}

function optionsOf(algorithm: Algorithm): { dsaEncoding?: 'ieee-p1363'; padding?: number; saltLength?: number } {
  if (algorithm === 'ES256') return { dsaEncoding: 'ieee-p1363' };
  return algorithm === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function verifiedPeer(): VerifiedPeer {
  const authority = new TestAuthority();
  const bundles = fixedSource(authority.bundles());
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock: systemClock });
  const policy = spiffeId('spiffe://test.internal/web');
  const verifier = createPeerVerifier({ peer: 'client', policy, trust, clock: systemClock });
  return verifier.verifyPresented(authority.issue('web').chain[0] ?? new Uint8Array(), () => []);
}

function seenBefore(): Running {
  const { newCheck, peer, token } = made('ES256');
  const check = newCheck();
  const authorization = [`Bearer ${token(0)}`];
  const operation = async (): Promise<void> => {
    for (let act = 0; act < acts; act += 1) await check({ authorization }, peer);
  };
  return { acts, operation, close: async () => undefined };
}

/** Each is new to its check, as each check meets it once. */
function newTokens(algorithm: Algorithm): Running {
  const { newCheck, peer, token } = made(algorithm);
  let check = newCheck();
  const startAgain = (): void => {
    check = newCheck();
  };
  return inTurns(token, startAgain, async (one) => {
    await check({ authorization: [`Bearer ${one}`] }, peer);
  });
}

function bareVerify(algorithm: Algorithm): Running {
  const { publicKey, token } = made(algorithm);
  const digest = digestOf(algorithm);
  const key = { key: publicKey, ...optionsOf(algorithm) };
  const read = (number: number): { signed: Buffer; signature: Buffer } => {
    const [header, payload, signature] = token(number).split('.');
    return {
      signed: Buffer.from(`${header ?? ''}.${payload ?? ''}`),
      signature: Buffer.from(signature ?? '', 'base64url'),
    };
  };
  return inTurns(
    read,
    () => undefined,
    ({ signed, signature }) => {
      if (!verify(digest, signed, key, signature)) throw new Error('not signed');
    },
  );
}

/** Signed tokens are slow to make: as many as are used before the first comes again. */
const tokens = 256;

function inTurns<T>(
  make: (number: number) => T,
  startAgain: () => void,
  act: (one: T) => void | Promise<void>,
): Running {
  const ready = Array.from({ length: tokens }, (_, number) => make(number));
  let next = 0;
  const operation = async (): Promise<void> => {
    for (let done = 0; done < acts; done += 1) {
      if (next === tokens) startAgain();
      next %= tokens;
      await act(ready[next] as T);
      next += 1;
    }
  };
  return { acts, operation, close: async () => undefined };
}
