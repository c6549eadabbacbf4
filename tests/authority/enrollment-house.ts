/** An authority with its database and the clock in hand, without a network: what tokens and renewals are tried on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { manualClock, type ManualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem, toBase64Url } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  encodeCertificationRequestInfo,
  encodeName,
  encodeSigned,
  type GeneralNames,
} from '../../packages/countersign/src/identity/x509/index.ts';
import {
  type AuthorityKeys,
  createAuthority,
  type IssuedCertificate,
  openAuthority,
  type Profile,
  profileSet,
  type ProfileSet,
} from '../../packages/countersign/src/issuing/authority/index.ts';
import {
  createEnrollment,
  createToken,
  enroll,
  type Enrollment,
  type PresentedToken,
  type RenewalChallenges,
  renewalChallenges,
  type RenewExpiredOrder,
} from '../../packages/countersign/src/issuing/enrollment-server/index.ts';
import { type Actor, auditEvent } from '../../packages/countersign/src/runtime/audit/index.ts';
import { renewalProof } from '../../packages/countersign/src/runtime/api/index.ts';
import {
  generatePrivateKey,
  type PrivateKey,
  sha256Hex,
  thumbprint,
} from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { openSqliteStore, type SqliteStore } from '../../packages/countersign/src/store/sqlite/index.ts';

export const startMs: number = Date.parse('2026-11-21T08:00:00Z');
export const tester: Actor = { kind: 'local-user', name: 'tester' };
export const dayMs: number = 86_400_000;

export interface EnrollmentHouse {
  readonly clock: ManualClock;
  readonly keys: AuthorityKeys;
  readonly store: SqliteStore;
  readonly enrollment: Enrollment;
  /** Other profiles from now on, as a file read again brings them. */
  setProfiles(...own: readonly Profile[]): void;
  readonly challenges: RenewalChallenges;
  /** Closes the database and opens it again, as a restart does; the keys stay. */
  restart(): Promise<EnrollmentHouse>;
  token(
    names: readonly string[],
    over?: { lifeMs?: number; certificateLifeMs?: number; profile?: string },
  ): Promise<PresentedToken>;
  /** A service with a first certificate. */
  service(...names: readonly string[]): Promise<{ key: PrivateKey; issued: IssuedCertificate }>;
  revoke(serialNumber: string, reason?: 'unspecified' | 'keyCompromise'): Promise<void>;
}

/** @param over keys other than those of a new authority with a root of its own */
export async function enrollmentHouse(
  t: TestContext,
  over: { readonly keys?: (clock: ManualClock) => AuthorityKeys } = {},
): Promise<EnrollmentHouse> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(directory, { recursive: true }));
  const clock = manualClock(startMs);
  const keys = over.keys?.(clock) ?? createAuthority({ trustDomain: 'dev.internal', clock });
  return open(t, { file: join(directory, 'authority.db'), clock, keys });
}

async function open(
  t: TestContext,
  base: { file: string; clock: ManualClock; keys: AuthorityKeys },
): Promise<EnrollmentHouse> {
  const { file, clock, keys } = base;
  const store = await openSqliteStore({ file, clock });
  t.after(() => store.close());
  const authority = await openAuthority({ keys, ledger: store.issuance, clock });
  const profiles = new MutableSource<ProfileSet>(profileSet());
  const enrollment = createEnrollment({
    authority,
    tokens: store.tokens,
    inventory: store.inventory,
    clock,
    profiles,
  });
  const root = sha256Hex(keys.anchor.raw);
  const token = async (names: readonly string[], over = {}): Promise<PresentedToken> => {
    const { id, secret } = await createToken(enrollment, { names, lifeMs: 3_600_000, actor: tester, ...over });
    return { id, secret, root };
  };
  return {
    clock,
    keys,
    store,
    enrollment,
    setProfiles: (...own) => profiles.set(profileSet(own)),
    challenges: renewalChallenges(clock),
    restart: async () => {
      await store.close();
      return open(t, base);
    },
    token,
    service: async (...names) => {
      const key = generatePrivateKey('P-256');
      return { key, issued: await enroll(enrollment, { token: await token(names), request: requestFor(key) }) };
    },
    revoke: async (serialNumber, reason = 'unspecified') => {
      const atMs = clock.now();
      const event = auditEvent('certificate.revoke', { atMs, actor: tester });
      await store.revocations.revoke({ serialNumber, reason, atMs, usefulSinceMs: 0 }, event);
    },
  };
}

export function requestFor(key: PrivateKey, subjectAltName?: Partial<GeneralNames>): string {
  const subject = encodeName({ commonName: 'whatever the requester writes here' });
  const info = encodeCertificationRequestInfo({
    subject,
    publicKey: key.publicKey.raw,
    ...(subjectAltName === undefined ? {} : { subjectAltName }),
  });
  return encodePem('CERTIFICATE REQUEST', encodeSigned(info, key.signatureAlgorithm, key.sign(info)));
}

/** The peer that a certificate makes over mutual TLS. */
export function peerOf(issued: IssuedCertificate): { serialNumber: string; issuerKey: string; thumbprint: string } {
  const { serialNumber, issuerKey } = issued;
  return { serialNumber, issuerKey, thumbprint: thumbprint(issued.certificate) };
}

/** An order to renew after expiry, proved by `key`. */
export function expiredOrder(
  house: EnrollmentHouse,
  issued: IssuedCertificate,
  key: PrivateKey,
  over: Partial<RenewExpiredOrder> & { readonly nextKey?: PrivateKey } = {},
): RenewExpiredOrder {
  const { nextKey = key, ...rest } = over;
  const request = requestFor(nextKey);
  const challenge = house.challenges.create();
  const der = Buffer.from(request.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const signature = toBase64Url(key.sign(renewalProof({ challenge, request: der })));
  return { certificate: encodePem('CERTIFICATE', issued.certificate), request, challenge, signature, ...rest };
}
