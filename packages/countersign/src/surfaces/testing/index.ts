/** Peers for tests, the right ones and the wrong: expired, revoked, another authority's, in two lines. Never for production. */
export {
  rawGeneralName,
  rawGeneralNames,
  TestAuthority,
  type TestAuthorityKeys,
  type TestAuthorityOptions,
  type TestCertificate,
  type TestOcspResponse,
} from './test-authority.ts';
export { type Called, type Destination } from './test-client.ts';
export { type OwnSide, type TestPeerKind, testPeerKinds, TestPeers, type TestPeersOptions } from './test-peers.ts';
export { type ServedPeer } from './test-server.ts';
export { goodForEver, notKnown, revokedByList, type Told, ToldCheck } from './told-check.ts';
