/** The authority's HTTPS face and its local socket: the API, revocation, and the feed's sending end. */
export type { EndpointRecord, EndpointRegister } from './endpoint-register.ts';
export type { FeedChange, FeedState, RevocationLedger, RevocationOrder, RevocationResult } from './revocation-ledger.ts';
