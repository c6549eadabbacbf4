/** Peers for tests, the right ones and the wrong: expired, revoked, another authority's, in two lines. Never for production. */
export {
  rawGeneralName,
  rawGeneralNames,
  TestAuthority,
  type TestAuthorityKeys,
  type TestAuthorityOptions,
  type TestCertificate,
} from './test-authority.ts';
