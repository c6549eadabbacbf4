/** The MAC over a PKCS#12 file: the classic one (RFC 7292, 4) and PBMAC1 (RFC 9579), verified and made. */
import type { DerReader } from '../../../ground/encoding/index.ts';
import {
  encodeInteger,
  encodeOctetString,
  encodeSequence,
  readSmallInteger,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  type AlgorithmIdentifier,
  encodeAlgorithmIdentifier,
  nullParameters,
  parametersReader,
  readAlgorithmIdentifier,
  requireNoParameters,
} from '../pkcs8/algorithm-identifier.ts';
import { encodeHmac, encodeKeyDerivation, pbkdf2Oid, readHmac, readKeyDerivation } from '../pkcs8/key-derivation.ts';
import { hashBytes, type KeyDerivation, type KeyDeriver } from '../pkcs8/key-deriver.ts';
import type { HashName } from '../pkcs8/password-cryptography.ts';
import { weakIterations } from '../pkcs8/pbes2.ts';
import { readIterations } from './password-encryption.ts';
import { derivePkcs12Key, purposes } from './pkcs12-key.ts';

const pbmac1Oid = '1.2.840.113549.1.5.14';

const hashOids: ReadonlyMap<string, HashName> = new Map([
  ['1.3.14.3.2.26', 'SHA-1'],
  ['2.16.840.1.101.3.4.2.1', 'SHA-256'],
  ['2.16.840.1.101.3.4.2.2', 'SHA-384'],
  ['2.16.840.1.101.3.4.2.3', 'SHA-512'],
]);

export type MacScheme = 'PBMAC1' | 'HMAC';

export interface VerifiedMac {
  readonly scheme: MacScheme;
  readonly weak?: string;
}

/**
 * Refuses unless the MAC is over `content` and of the password.
 * @param macData the fields of MacData
 */
export function verifyMac(deriver: KeyDeriver, macData: DerReader, content: Uint8Array): VerifiedMac {
  const digestInfo = macData.enter(tags.sequence);
  const algorithm = readAlgorithmIdentifier(digestInfo);
  const expected = digestInfo.contents(tags.octetString);
  digestInfo.finish();
  const salt = macData.contents(tags.octetString);
  // 1 is the default, which DER does not write and others do.
  const iterations = macData.done ? 1 : readSmallInteger(macData);
  macData.finish();
  const pbmac1 = algorithm.oid === pbmac1Oid;
  const { mac, weak } = pbmac1 ? computePbmac1(deriver, algorithm, content) : classic(deriver, algorithm, content);
  if (!deriver.cryptography.constantTimeEqual(mac, expected)) {
    throw new Refusal('CS-PKCS-001', { object: 'PKCS#12 file' });
  }
  return { scheme: pbmac1 ? 'PBMAC1' : 'HMAC', ...(weak === undefined ? {} : { weak }) };

  function classic(by: KeyDeriver, { oid, parameters }: AlgorithmIdentifier, over: Uint8Array): Computed {
    const hash = hashOids.get(oid);
    if (hash === undefined) throw new Refusal('CS-PKCS-003', { algorithm: `MAC with hash ${oid}` });
    requireNoParameters({ oid, ...(parameters === undefined ? {} : { parameters }) });
    return {
      mac: classicMac(by, { hash, salt, iterations: readIterations(iterations) }, over),
      weak: weakIterations(iterations),
    };
  }
}

interface Computed {
  readonly mac: Uint8Array;
  readonly weak: string | undefined;
}

interface ClassicParameters {
  readonly hash: HashName;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

function classicMac(deriver: KeyDeriver, parameters: ClassicParameters, content: Uint8Array): Uint8Array {
  const { hash } = parameters;
  const key = derivePkcs12Key(deriver, { ...parameters, purpose: purposes.mac, keyBytes: hashBytes[hash] });
  return deriver.cryptography.hmac(hash, key, content);
}

/** Octets of PBMAC1's key: fewer than 20 are forbidden (RFC 9579, 4); no HMAC here has a use for more than its block of 128. */
const [fewestKeyBytes, mostKeyBytes] = [20, 128] as const;

/** MacData's own salt and iterations say nothing here (RFC 9579, 4); Go writes 0 iterations. */
function computePbmac1(deriver: KeyDeriver, identifier: AlgorithmIdentifier, content: Uint8Array): Computed {
  const fields = parametersReader(identifier);
  const kdf = readAlgorithmIdentifier(fields);
  const hash = readHmac(readAlgorithmIdentifier(fields));
  fields.finish();
  const { derivation, keyBytes } = readKeyDerivation(kdf);
  if (kdf.oid !== pbkdf2Oid || derivation.kdf !== 'PBKDF2')
    throw new Refusal('CS-PKCS-003', { algorithm: 'PBMAC1 with another key derivation than PBKDF2' });
  if (keyBytes === undefined || keyBytes < fewestKeyBytes || keyBytes > mostKeyBytes)
    throw new Refusal('CS-PKCS-006', { rule: 'PBMAC1 without a keyLength from 20 to 128 (RFC 9579, 4)' });
  const key = deriver.derive(derivation, keyBytes);
  return { mac: deriver.cryptography.hmac(hash, key, content), weak: weakIterations(derivation.iterations) };
}

/** What stands in MacData's salt, which PBMAC1 leaves unused: the words of RFC 9579's own examples. */
const unusedSalt: Uint8Array = new TextEncoder().encode('NOT USED');

/** MacData, DER, with PBMAC1. */
export function encodePbmac1(deriver: KeyDeriver, derivation: KeyDerivation, content: Uint8Array): Uint8Array {
  const keyBytes = hashBytes['SHA-256'];
  const mac = deriver.cryptography.hmac('SHA-256', deriver.derive(derivation, keyBytes), content);
  const parameters = encodeSequence(encodeKeyDerivation(derivation, keyBytes), encodeHmac('SHA-256'));
  return encodeMacData({ oid: pbmac1Oid, parameters }, mac, encodeOctetString(unusedSalt));
}

/** Of the classic MAC: 0.1 s here, and what .NET's loader stops at. An attacker pays half of what PBKDF2's would cost him. */
const classicIterations = 300_000;

/** MacData, DER, with HMAC-SHA-256 and PKCS#12's own derivation. */
export function encodeClassicMac(deriver: KeyDeriver, content: Uint8Array): Uint8Array {
  const salt = deriver.cryptography.randomBytes(16);
  const mac = classicMac(deriver, { hash: 'SHA-256', salt, iterations: classicIterations }, content);
  const [oid = ''] = [...hashOids].find(([, name]) => name === 'SHA-256') ?? [];
  return encodeMacData(
    { oid, parameters: nullParameters },
    mac,
    encodeOctetString(salt),
    encodeInteger(classicIterations),
  );
}

function encodeMacData(algorithm: AlgorithmIdentifier, mac: Uint8Array, ...rest: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeSequence(encodeAlgorithmIdentifier(algorithm), encodeOctetString(mac)), ...rest);
}
