/** Bytes and HTTP requests between a verified caller and a plain program. */
export { type Asked, askedBy, askedOverStream } from './asked.ts';
export { http1Program, type Http1Program, type Http1ProgramOptions } from './http1-program.ts';
export { type AnswerBounds, defaultAnswerBounds } from './http1-link.ts';
export { http2Program, type Http2Program, type Http2ProgramOptions } from './http2-program.ts';
export { identityHeaders, type IdentityHeaders, isIdentityHeader } from './identity-headers.ts';
export {
  clientCertificateHeader,
  endToEndHeaders,
  type HeaderList,
  headersForProgram,
  withoutIdentity,
} from './program-headers.ts';
export { brokenBy, type FailureKind, ProgramFailure } from './program-failure.ts';
export type {
  Answer,
  Asking,
  AskingListeners,
  CallersConnection,
  Program,
  Question,
  Upstream,
  WrittenHeaders,
} from './program.ts';
export { prefacedProgram, type PrefacedProgramOptions } from './prefaced-program.ts';
export { relayBytes } from './relay-bytes.ts';
export { relayRequest, type RelayedRequest, type RelayInProgress } from './relay-request.ts';
export { relayUpgrade, type RelayedUpgrade } from './relay-upgrade.ts';
export { type AnswerHeader, type WayBack, wayBackOver, wayBackOverStream } from './way-back.ts';
