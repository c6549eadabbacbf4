/** A file with the partners of its registry as the gateway heard them last: for who asks what a file would do. */
import type { GatewayFile } from '../configuration/gateway-file.ts';
import { cachePathOf } from '../configuration/load-configuration.ts';
import { mergedPartners } from './registered-partners.ts';
import { readRegistryCache } from './registry-cache.ts';

/** @param path of the file, by which its cache is found; where that can not be read, the file alone */
export async function withCachedPartners(file: GatewayFile, path: string): Promise<GatewayFile> {
  const { registry } = file;
  if (registry === undefined) return file;
  const { cached } = await readRegistryCache(cachePathOf(path, registry), registry);
  return { ...file, partners: mergedPartners(file, cached?.partners ?? []).partners };
}
