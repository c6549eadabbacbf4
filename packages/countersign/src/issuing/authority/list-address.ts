/** Where the authority's own revocation lists are: the address that a certificate is given at issuance and keeps, that of its shard. */
import { toHex } from '../../ground/encoding/index.ts';
import { sha256 } from '../../runtime/cryptography/index.ts';

/**
 * Lists of an issuer are told apart by their shard: of so many shards, the one that the last octet of the serial number falls into. Serial numbers
 * are random, so shards are even; and since the number of shards stands in the address, changing it changes nothing for certificates that are out.
 */
export const mostShards = 256;

const [issuerMark, shardMark] = ['{issuer}', '{shard}'];

/** Powers of two, so that shards of different counts nest. */
export function isShardCount(shards: number): boolean {
  return Number.isInteger(shards) && shards >= 1 && shards <= mostShards && (shards & (shards - 1)) === 0;
}

/** As a profile holds it among its `crl`. @param url of who serves the lists, without a slash at its end */
export function ownListTemplate(url: string, shards: number): string {
  if (!isShardCount(shards)) throw new TypeError(`shards are a power of two, at most ${String(mostShards)}`);
  // One shard is all there is: its list needs not say what it covers, so that it is good for every certificate.
  return `${url}/crl/${issuerMark}/${shards === 1 ? 'all' : `${String(shards)}-${shardMark}`}.crl`;
}

export function isListTemplate(address: string): boolean {
  return address.includes(issuerMark);
}

/** The certificate's own address; any other is left as it is. @param issuer its SubjectPublicKeyInfo, DER */
export function listAddress(address: string, issuer: Uint8Array, serialNumber: Uint8Array): string {
  if (!isListTemplate(address)) return address;
  const shards = Number(/(\d+)-\{shard\}/.exec(address)?.[1] ?? 1);
  return address
    .replace(issuerMark, listFolder(issuer))
    .replace(shardMark, String(shardOf(serialNumber.at(-1) ?? 0, shards)));
}

/** @param lastOctet of the serial number */
export function shardOf(lastOctet: number, shards: number): number {
  return lastOctet & (shards - 1);
}

const folders = new WeakMap<Uint8Array, string>();

/** What an issuer's lists stand under: 16 hexadecimal digits of the SHA-256 of its SubjectPublicKeyInfo. */
export function listFolder(issuer: Uint8Array): string {
  const known = folders.get(issuer) ?? toHex(sha256(issuer).subarray(0, 8));
  folders.set(issuer, known);
  return known;
}
