/** The check endpoint: why a certificate would be refused, told to who presents it. */
export { type CheckServerOptions, checkPath, createCheckServer } from './create-check-server.ts';
export type { Verdict } from './verdict.ts';
