/** What a list covers: all of an issuer's certificates, or those of one shard. */

/** How many segments there are: as many as the most shards, so that each shard of any count is some of them whole. */
export const segmentCount = 256;

export interface ListScope {
  readonly shards: number;
  readonly shard: number;
  /** Whether the list says that it covers its shard alone; the whole one says nothing, and is good for every certificate. */
  readonly isShard: boolean;
}

export const wholeScope: ListScope = { shards: 1, shard: 0, isShard: false };

export function shardScopes(shards: number): readonly ListScope[] {
  return Array.from({ length: shards }, (_, shard) => ({ shards, shard, isShard: true }));
}

/** Of the address and of the file, without `.crl`. */
export function scopeName({ shards, shard, isShard }: ListScope): string {
  return isShard ? `${String(shards)}-${String(shard)}` : 'all';
}

export function deltaName(scope: ListScope): string {
  return `${scopeName(scope)}-delta`;
}

export function covers({ shards, shard }: ListScope, segment: number): boolean {
  return (segment & (shards - 1)) === shard;
}
