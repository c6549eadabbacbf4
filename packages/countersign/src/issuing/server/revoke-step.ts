/** The steps of a revocation, for tests that end the process at one: on disk and told to nobody; told to those who follow, and not answered. */
export type RevokeStep = 'revocation-recorded' | 'revocation-told';
