/** Bytes and HTTP requests between a verified caller and a plain program. */
export { clientCertificateHeader, headersForProgram } from './program-headers.ts';
export { relayBytes } from './relay-bytes.ts';
export { relayRequest, type RelayedRequest, type Upstream } from './relay-request.ts';
export { relayUpgrade, type RelayedUpgrade } from './relay-upgrade.ts';
