/** Credential and bundles as node:tls takes them; OpenSSL sees the union of all anchors and the second stage exactly one bundle. */
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { encodePem } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { BundleSet } from '../../../identity/spiffe/index.ts';
import type { BundleSource, Credential, CredentialSource } from './credential.ts';
import { contextProfile, type MinimumVersion } from './tls-profile.ts';

export interface ContextInput {
  /** `undefined`: a client that presents no certificate. */
  readonly credential: Credential | undefined;
  readonly bundles: BundleSet;
  readonly minVersion: MinimumVersion;
}

export function contextOptions({ credential, bundles, minVersion }: ContextInput): SecureContextOptions {
  const own = credential === undefined ? {} : { key: credential.privateKey.toPem(), cert: chainPem(credential) };
  return { ...contextProfile(minVersion), ca: anchorsPem(bundles), ...own };
}

function chainPem({ chain }: Credential): string {
  // OpenSSL takes none for what it is: a side that presents nothing.
  if (chain.length === 0) throw unusable('the credential has no certificate');
  return pemOf(chain);
}

function pemOf(chain: readonly Uint8Array[]): string {
  return chain.map((der) => encodePem('CERTIFICATE', der)).join('');
}

/** Intermediates too: a peer may fail to send its own, and 24.21 loses them; without a root above they are not trusted. */
function anchorsPem(bundles: BundleSet): string[] {
  const certificates = bundles.all().flatMap(({ anchors, intermediates }) => [...anchors, ...intermediates]);
  // Without `ca` Node would trust its built-in public authorities.
  if (certificates.length === 0) throw unusable('the trust bundles hold no anchor');
  return certificates.map(({ raw }) => encodePem('CERTIFICATE', raw));
}

/**
 * The context for this version of credential and bundles, built once (1 to 1.6 ms each) and shared.
 * The key is the objects themselves: both are immutable, and PEM text as a key would keep private keys in a map.
 */
export function sharedContext(input: ContextInput): SecureContext {
  const byBundles = entryOf(contexts, input.credential ?? withoutCredential, () => new WeakMap<BundleSet, ByVersion>());
  const byVersion = entryOf(byBundles, input.bundles, () => new Map<MinimumVersion, SecureContext>());
  const found = byVersion.get(input.minVersion);
  if (found !== undefined) return found;
  const built = buildContext(input);
  byVersion.set(input.minVersion, built);
  return built;
}

export interface ContextSources {
  readonly credentials: CredentialSource;
  readonly bundles: BundleSource;
  readonly minVersion: MinimumVersion;
}

/** A context, and what is presented under it. */
export interface Taken {
  readonly context: SecureContext;
  readonly credential: Credential;
}

/** The context for what the sources hold now. @throws CS-TLS-007 where TLS does not take it */
export function takeContext({ credentials, bundles, minVersion }: ContextSources): Taken {
  const credential = credentials.current();
  const taken = { context: sharedContext({ credential, bundles: bundles.current(), minVersion }), credential };
  const byBundles = entryOf(lastTaken, credentials, () => new WeakMap<BundleSource, Map<MinimumVersion, Taken>>());
  entryOf(byBundles, bundles, () => new Map<MinimumVersion, Taken>()).set(minVersion, taken);
  return taken;
}

/** The same; or the last that TLS took of these sources, where they hold what it does not take, or nothing. */
export function newestContext(sources: ContextSources): Taken {
  try {
    return takeContext(sources);
  } catch (error) {
    const { credentials, bundles, minVersion } = sources;
    const last = lastTaken.get(credentials)?.get(bundles)?.get(minVersion);
    if (last === undefined) throw error;
    return last;
  }
}

const lastTaken = new WeakMap<CredentialSource, WeakMap<BundleSource, Map<MinimumVersion, Taken>>>();

type ByVersion = Map<MinimumVersion, SecureContext>;

const contexts = new WeakMap<object, WeakMap<BundleSet, ByVersion>>();
const withoutCredential = {};

function entryOf<K extends object, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** @throws CS-TLS-007 where TLS does not take them: key and certificate that do not belong together, for one */
export function buildContext(input: ContextInput): SecureContext {
  return usable(() => createSecureContext(contextOptions(input)));
}

/** Runs what hands credential and bundles to TLS, and names its failure; the reason is OpenSSL's word for it, never the key. */
export function usable<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw unusable(error instanceof Error && 'code' in error ? String(error.code) : 'not taken by TLS', error);
  }
}

function unusable(reason: string, cause?: unknown): Refusal {
  return new Refusal('CS-TLS-007', { reason }, { cause });
}
