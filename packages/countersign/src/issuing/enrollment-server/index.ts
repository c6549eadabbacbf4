/** Who gets a first certificate, and who gets the next one: tokens, renewal, renewal after expiry. */
export { type CreatedToken, createToken, type TokenOrder } from './create-token.ts';
export { enroll, type EnrollOrder, type PresentedToken } from './enroll.ts';
export { createEnrollment, type Enrollment, type EnrollmentOptions } from './enrollment.ts';
export type { CertificateLearning, LostTime, Recovery } from './recovery.ts';
export { rehearseEnrollment, type Rehearsal } from './rehearse-enrollment.ts';
export { renew, type RenewingPeer, type RenewOrder } from './renew.ts';
export { renewExpired, type RenewExpiredOrder } from './renew-expired.ts';
export { refusalAtRenewal } from './renewal-policy.ts';
export { type RenewalChallenges, renewalChallenges } from './renewal-challenges.ts';
export type { TokenRecord, TokenVault } from './token-vault.ts';
export { type TokenIds, tokenIds } from './token-ids.ts';
