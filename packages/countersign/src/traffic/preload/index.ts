/** The outbound side of a Node program under `run`: its plain TLS calls present the certificate, or fail with a code. */
export { armOutbound, guardConnect, type OutboundPlace } from './arm-outbound.ts';
export { outboundFile, type OutboundSettings, readOutboundFile, writeOutboundFile } from './outbound-file.ts';
export type { Outgoing } from './outgoing.ts';
export { policyOfNames } from './peer-names.ts';
export {
  bundlesOf,
  bundleSnapshot,
  revocationsOf,
  type BundleSnapshot,
  type RevocationSnapshot,
  revocationSnapshot,
  type TrustSnapshot,
} from './trust-snapshot.ts';
