/**
 * The head of a backup file, 88 octets: the magic (16), the version (1), the base-two logarithm of scrypt's cost, the logarithm of a piece's size, a zero
 * (each 1), nothing yet (4), the salt (32), and HMAC-SHA256 over all of that (32). Sealed pieces follow, all of one size but the last.
 */
import { concatBytes, equalBytes } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { constantTimeEqual, headTag, randomBytes, type SealingKeys, sealingKeys } from '../cryptography/index.ts';

const magic = new TextEncoder().encode('countersign-bkup');
const version = 1;
const saltBytes = 32;
const openBytes = 56;
export const headBytes = 88;

/** 128 MiB of memory and some tenths of a second for each guess (OWASP's first choice for scrypt). */
const defaultLog2Cost = 17;
/** A file may ask for no more than 1 GiB. */
const highestLog2Cost = 20;
/** 64 KiB. */
export const pieceBytes: number = 2 ** 16;

export interface OpenedHead {
  readonly keys: SealingKeys;
  readonly bytes: Uint8Array;
}

export async function createHead(passphrase: string, log2Cost: number = defaultLog2Cost): Promise<OpenedHead> {
  const salt = randomBytes(saltBytes);
  const open = concatBytes([magic, Uint8Array.of(version, log2Cost, 16, 0, 0, 0, 0, 0), salt]);
  const keys = await sealingKeys(passphrase, salt, log2Cost);
  return { keys, bytes: concatBytes([open, headTag(keys, open)]) };
}

/** @throws CS-BACKUP-001 for what is no backup of a version that is known, CS-BACKUP-002 for another passphrase */
export async function openHead(bytes: Uint8Array, passphrase: string, file: string): Promise<OpenedHead> {
  const refuse = (rule: string): Refusal => new Refusal('CS-BACKUP-001', { file, rule });
  if (bytes.length < headBytes || !equalBytes(bytes.subarray(0, magic.length), magic)) throw refuse('its first octets');
  const [found, cost = 0, piece, ...rest] = bytes.subarray(magic.length, magic.length + 8);
  if (found !== version) throw refuse(`version ${String(version)}, not ${String(found)}`);
  if (cost < 14 || cost > highestLog2Cost || piece !== 16 || rest.some((octet) => octet !== 0))
    throw refuse('its parameters within their limits');
  const open = bytes.subarray(0, openBytes);
  const keys = await sealingKeys(passphrase, bytes.subarray(openBytes - saltBytes, openBytes), cost);
  if (!constantTimeEqual(headTag(keys, open), bytes.subarray(openBytes, headBytes)))
    throw new Refusal('CS-BACKUP-002', { file });
  return { keys, bytes };
}
