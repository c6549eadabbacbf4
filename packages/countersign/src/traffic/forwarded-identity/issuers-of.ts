/** The issuers' certificates of a caller's path, out of a bundle: a peer keeps its leaf alone. */
import type { Bundle } from '../../identity/spiffe/index.ts';
import { keyOfIssuer } from '../../runtime/tls/index.ts';
import type { CheckedCaller } from './forwarded-peer.ts';

/**
 * Those between the leaf and the anchor, in TLS's order; `undefined` where one of them was only presented and is in no bundle: part of a chain would
 * be read as all of it.
 */
export function issuersOf(caller: CheckedCaller, bundle: Bundle): readonly Uint8Array[] | undefined {
  const keys = caller.revocationKeys;
  const found: Uint8Array[] = [];
  for (const [place, key] of keys.entries()) {
    if (place === 0) continue;
    const serialNumber = key.slice(key.indexOf(':') + 1);
    const ownKey = (keys[place - 1] ?? '').split(':')[0];
    const issuer = bundle.intermediates.find((one) => one.serialNumber === serialNumber && keyOfIssuer(one) === ownKey);
    if (issuer === undefined) return undefined;
    found.push(issuer.raw);
  }
  return found;
}
