/** Cases of Wycheproof for signatures as X.509 holds them, read from its files (testvectors_v1), and how the library answers them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DerReader, encodeBitString, fromHex } from '../../../packages/countersign/src/ground/encoding/index.ts';
import { Refusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import {
  algorithmFits,
  readPublicKeyInfo,
  readSignature,
  type SignatureAlgorithm,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';

export interface WycheproofCase {
  /** "ed25519_test 12". */
  readonly id: string;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** The files whose algorithms the library knows; its other ones (SHA-3, P1363, other salts) are of no certificate that it verifies. */
export const wycheproofFiles: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  ['ecdsa_secp256r1_sha256_test', 'ecdsa-with-SHA256'],
  ['ecdsa_secp256r1_sha512_test', 'ecdsa-with-SHA512'],
  ['ecdsa_secp384r1_sha256_test', 'ecdsa-with-SHA256'],
  ['ecdsa_secp384r1_sha384_test', 'ecdsa-with-SHA384'],
  ['ecdsa_secp384r1_sha512_test', 'ecdsa-with-SHA512'],
  ['ecdsa_secp521r1_sha512_test', 'ecdsa-with-SHA512'],
  ['ed25519_test', 'Ed25519'],
  ...([2048, 3072, 4096, 8192] as const).flatMap((bits) =>
    ([256, 384, 512] as const).map((hash): [string, SignatureAlgorithm] => [
      `rsa_signature_${bits}_sha${hash}_test`,
      `sha${hash}WithRSAEncryption`,
    ]),
  ),
  ['rsa_pss_2048_sha256_mgf1_32_test', 'RSASSA-PSS-SHA256'],
  ['rsa_pss_2048_sha256_mgf1_32_params_test', 'RSASSA-PSS-SHA256'],
  ['rsa_pss_2048_sha384_mgf1_48_test', 'RSASSA-PSS-SHA384'],
  ['rsa_pss_3072_sha256_mgf1_32_test', 'RSASSA-PSS-SHA256'],
  ['rsa_pss_3072_sha256_mgf1_32_params_test', 'RSASSA-PSS-SHA256'],
  ['rsa_pss_4096_sha256_mgf1_32_test', 'RSASSA-PSS-SHA256'],
  ['rsa_pss_4096_sha384_mgf1_48_test', 'RSASSA-PSS-SHA384'],
  ['rsa_pss_4096_sha512_mgf1_64_test', 'RSASSA-PSS-SHA512'],
  ['rsa_pss_4096_sha512_mgf1_64_params_test', 'RSASSA-PSS-SHA512'],
  ['mldsa_44_verify_test', 'ML-DSA-44'],
  ['mldsa_65_verify_test', 'ML-DSA-65'],
  ['mldsa_87_verify_test', 'ML-DSA-87'],
]);

interface File {
  readonly testGroups: readonly {
    readonly publicKeyDer?: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly flags?: readonly string[];
      readonly msg: string;
      readonly ctx?: string;
      readonly sig: string;
      readonly result: WycheproofCase['result'];
    }[];
  }[];
}

/** Those without a key in DER, and those with a context (which X.509 leaves empty: RFC 9881, 3), are left out. */
export function readWycheproof(folder: string, name: string, algorithm: SignatureAlgorithm): WycheproofCase[] {
  const { testGroups } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as File;
  return testGroups.flatMap(({ publicKeyDer, tests }) =>
    publicKeyDer === undefined
      ? []
      : tests
          .filter(({ ctx }) => ctx === undefined || ctx === '')
          .map(({ tcId, comment, flags = [], msg, sig, result }) => ({
            id: `${name} ${tcId}`,
            comment,
            flags,
            result,
            algorithm,
            publicKey: bytes(publicKeyDer),
            message: bytes(msg),
            signature: bytes(sig),
          })),
  );
}

function bytes(hex: string): Uint8Array {
  const found = fromHex(hex);
  if (found === undefined) throw new Error(`no hexadecimal: ${hex.slice(0, 20)}`);
  return found;
}

/** The road of a certificate's signature: the key from its SubjectPublicKeyInfo, the BIT STRING decoded, then verified. */
export function acceptsSignature({ publicKey, algorithm, message, signature }: WycheproofCase): boolean {
  try {
    const reader = DerReader.over(publicKey);
    const key = readPublicKeyInfo(reader);
    reader.finish();
    const read = readSignature(DerReader.over(encodeBitString(signature)), algorithm);
    return algorithmFits(algorithm, key.type) && verifySignature(key, algorithm, message, read);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return false;
  }
}
