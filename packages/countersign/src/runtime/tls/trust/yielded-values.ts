/**
 * What the sources of a trust yield is looked at before it counts. Types are not there at run time: sources are written in plain JavaScript, too, and
 * yield what a broken file or service left of a value.
 */
import { BundleSet } from '../../../identity/spiffe/index.ts';

export function isBundleSet(value: unknown): boolean {
  return value instanceof BundleSet;
}

export function isRevocationView(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'isRevoked' in value &&
    typeof value.isRevoked === 'function' &&
    'freshUntil' in value &&
    typeof value.freshUntil === 'number' &&
    value.freshUntil >= 0
  );
}

export function noBundles(): TypeError {
  return new TypeError('bundles are a source of BundleSet');
}

export function noRevocationView(): TypeError {
  return new TypeError('revocations are a source of RevocationView: withoutRevocation, or what a feed yields');
}
