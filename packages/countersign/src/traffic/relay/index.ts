/** Bytes and HTTP requests between a verified caller and a plain program. */
export { type Asked, askedBy } from './asked.ts';
export { http1Program } from './http1-program.ts';
export { http2Program } from './http2-program.ts';
export { clientCertificateHeader, headersForProgram, type HeaderList } from './program-headers.ts';
export type { CallersConnection, Program, Upstream } from './program.ts';
export { relayBytes } from './relay-bytes.ts';
export { relayRequest, type RelayedRequest, type RelayInProgress } from './relay-request.ts';
export { relayUpgrade, type RelayedUpgrade } from './relay-upgrade.ts';
export { type WayBack, wayBackOver } from './way-back.ts';
