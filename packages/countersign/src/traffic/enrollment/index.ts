/** How a certificate is asked for: enrolment with a token, renewal, and the folder that holds what came. */
export { signRequest, type SignedRequest } from './certification-request.ts';
export { credentialFiles, loadCredential, loadOrCreateKey, storeCredential } from './credential-folder.ts';
export { enroll, type EnrollOptions } from './enroll.ts';
export {
  enrollFolder,
  isFor,
  renewFolder,
  requireSameIdentity,
  type EnrollFolderOptions,
  type RenewFolderOptions,
} from './folder-enrollment.ts';
export { namesOf, toBundles, toCredential, type HeldCredential } from './held-credential.ts';
export { renew, type RenewOptions } from './renew.ts';
