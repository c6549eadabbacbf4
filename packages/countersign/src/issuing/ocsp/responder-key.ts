/** The key that signs answers, with the certificate that the issuer delegated to it (RFC 6960, 4.2.2.2). */
import type { SignatureAlgorithm } from '../../identity/x509/index.ts';

export interface ResponderKey {
  /** DER. */
  readonly certificate: Uint8Array;
  /** No answer may outlive it: who checks would refuse it. */
  readonly notAfterMs: number;
  /** SHA-1 of the key's bits, as a ResponderID wants it. */
  readonly keyHash: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  sign(data: Uint8Array): Uint8Array;
}
