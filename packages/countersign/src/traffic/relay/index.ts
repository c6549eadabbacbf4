/** Bytes and HTTP requests between a verified caller and a plain program. */
export { type Asked, askedBy } from './asked.ts';
export { http1Program } from './http1-program.ts';
export { http2Program } from './http2-program.ts';
export { identityHeaders, type IdentityHeaders, isIdentityHeader } from './identity-headers.ts';
export {
  clientCertificateHeader,
  endToEndHeaders,
  type HeaderList,
  headersForProgram,
  withoutIdentity,
} from './program-headers.ts';
export type { Program, Upstream } from './program.ts';
export { relayBytes } from './relay-bytes.ts';
export { relayRequest, type RelayedRequest } from './relay-request.ts';
export { relayUpgrade, type RelayedUpgrade } from './relay-upgrade.ts';
export { type WayBack, wayBackOver } from './way-back.ts';
