/** Who gets a first certificate, and who gets the next one: tokens, renewal, renewal after expiry. */
export { type CreatedToken, createToken, type TokenOrder } from './create-token.ts';
export { enroll, type EnrollOrder, type PresentedToken } from './enroll.ts';
export { createEnrollment, type Enrollment, type EnrollmentOptions } from './enrollment.ts';
export { profileFor } from './profile-for.ts';
export type { CertificateLearning, LostTime, Recovery } from './recovery.ts';
export { renew, type RenewingPeer, type RenewOrder } from './renew.ts';
export { renewExpired, type RenewExpiredOrder } from './renew-expired.ts';
export { type RenewalChallenges, renewalChallenges } from './renewal-challenges.ts';
export type { HeldClaim, TokenClaim, TokenRecord, TokenVault } from './token-vault.ts';
export { type TokenIds, tokenIds } from './token-ids.ts';
