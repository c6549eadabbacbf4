/** node:crypto's primitives in the shapes that the other rooms ask for: the only room that calls them. */
export {
  certIdHash,
  constantTimeEqual,
  hmacSha256,
  randomBytes,
  sha256,
  sha256Hex,
  sha256HexOfText,
  sha256Stream,
  streamingSha256,
  type StreamingSha256,
  thumbprint,
} from './hashes.ts';
export { jwkThumbprint, publicJwk } from './public-jwk.ts';
export { isSecretJwk, type JwsKey, parseJwsKey } from './jws-keys.ts';
export { generatePrivateKey, parsePrivateKey, PrivateKey } from './private-key.ts';
export { passwordCryptography } from './password-cryptography.ts';
export { type PrivateKeyForm, type PublicHalf, publicHalfOf, publicHalfOfInfo } from './public-half.ts';
export { pooledRandomBytes } from './random-pool.ts';
export { verifyOnce, verifySignature, verifySignatureAside } from './signatures.ts';
export { tlsRecordOpener, type TlsRecordOpener } from './tls-records.ts';
export { headTag, openPiece, type PiecePlace, sealBytes, type SealingKeys, sealingKeys, sealPiece } from './sealing.ts';
