/** What signs for an issuer: a key in a file today, a module or another machine without a change to anything else. */
import type { PublicKeyInfo, SignatureAlgorithm } from '../../identity/x509/index.ts';
import type { PrivateKey } from '../../runtime/cryptography/index.ts';

export interface Signer {
  readonly publicKey: PublicKeyInfo;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /**
   * One signature for each, in order, in the form that X.509 holds. A batch, since what signs elsewhere is asked once for many; where one can
   * not be signed it rejects, and none is.
   */
  sign(toBeSigned: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}

/** A key in this process's memory signs at once. */
export function keySigner(privateKey: PrivateKey): Signer {
  const { publicKey, signatureAlgorithm } = privateKey;
  return {
    publicKey,
    signatureAlgorithm,
    sign: async (toBeSigned) => toBeSigned.map((bytes) => privateKey.sign(bytes)),
  };
}
