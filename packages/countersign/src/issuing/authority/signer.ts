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
  /**
   * One signature over what is long, in pieces that follow each other: a revocation list may be tens of megabytes. Absent: `sign` is given all of it.
   * They may be in shared memory, and stay as they are until it resolves.
   */
  signPieces?(pieces: readonly Uint8Array[]): Promise<Uint8Array>;
}

/** A key in this process's memory signs at once. */
export function keySigner(privateKey: PrivateKey): Signer {
  const { publicKey, signatureAlgorithm } = privateKey;
  return {
    publicKey,
    signatureAlgorithm,
    sign: async (toBeSigned) => toBeSigned.map((bytes) => privateKey.sign(bytes)),
    signPieces: (pieces) => privateKey.signPieces(pieces),
  };
}
