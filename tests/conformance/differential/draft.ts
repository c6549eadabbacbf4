/** A chain while it is made: plans of its certificates, what is asked of it, and what is known of it. */
import type { CertificatePlan, PlannedKey, PlannedKeyType } from '../../fixtures/planned-certificates.ts';
import { plannedKey } from '../../fixtures/planned-certificates.ts';
import { type Random, seededRandom } from '../../fixtures/random.ts';

/** 2026-06-01T12:00:00Z, as the other certificates of the tests. */
export const moment: number = Date.UTC(2026, 5, 1, 12);

export type Place = 'leaf' | 'issuer' | 'anchor';

export interface Asked {
  purpose: 'client' | 'server';
  name?: { readonly kind: 'dns' | 'ip' | 'email'; readonly value: string };
  /** A policy that the path must be valid for; any where absent. */
  policy?: string;
}

export interface Draft {
  readonly random: Random;
  readonly keys: KeyPool;
  readonly number: number;
  readonly asked: Asked;
  /** The end-entity certificate first, the anchor last. */
  readonly certificates: CertificatePlan[];
  /** Certificates that are sent along and belong to no valid path. */
  readonly others: CertificatePlan[];
  /** Sent along as they are: what is in `certificates` is changed after. */
  sendsAnchor: boolean;
  sendsLeafTwice: boolean;
  /** What later steps of making it must know. */
  readonly facts: Set<'self-issued' | 'policies'>;
}

export function leafOf({ certificates }: Draft): CertificatePlan {
  return certificates[0]!;
}

export function anchorOf({ certificates }: Draft): CertificatePlan {
  return certificates.at(-1)!;
}

/** Those between. */
export function issuersOf({ certificates }: Draft): CertificatePlan[] {
  return certificates.slice(1, -1);
}

/** Those that issue, the anchor among them. */
export function authoritiesOf({ certificates }: Draft): CertificatePlan[] {
  return certificates.slice(1);
}

export function placeOf({ certificates }: Draft, plan: CertificatePlan): Place {
  const at = certificates.indexOf(plan);
  return at === 0 ? 'leaf' : at === certificates.length - 1 ? 'anchor' : 'issuer';
}

/** Prepared once, since making them is what costs most. */
export interface KeyPool {
  readonly ofType: Readonly<Record<PlannedKeyType, readonly PlannedKey[]>>;
  readonly all: readonly PlannedKey[];
  readonly rsa1024: PlannedKey;
  /** A key that no plan holds. */
  readonly stranger: Readonly<Record<PlannedKeyType, PlannedKey>>;
}

export function keyPool(seed: number): KeyPool {
  const random = seededRandom(seed);
  const make = (type: PlannedKeyType, count: number): PlannedKey[] =>
    Array.from({ length: count }, () => plannedKey(type, random));
  const ofType = {
    'P-256': make('P-256', 5),
    'P-384': make('P-384', 2),
    Ed25519: make('Ed25519', 2),
    RSA: make('RSA', 2),
  };
  const stranger = {
    'P-256': plannedKey('P-256', random),
    'P-384': plannedKey('P-384', random),
    Ed25519: plannedKey('Ed25519', random),
    RSA: plannedKey('RSA', random),
  };
  return { ofType, all: Object.values(ofType).flat(), rsa1024: plannedKey('RSA', random, 1024), stranger };
}
