/** A file with the partners of its registry, from the gateway's cache or from a file that is given, and which of the two it was: to say what is not known. */
import { z } from 'zod';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type FollowedPartner, followedPartners, largestPartnersBytes } from '../../../runtime/api/index.ts';
import { readTextFile } from '../../../runtime/config/index.ts';
import type { GatewayFile } from '../configuration/gateway-file.ts';
import { cachePathOf } from '../configuration/load-configuration.ts';
import { mergedPartners } from './registered-partners.ts';
import { readRegistryCache } from './registry-cache.ts';

export interface KnownPartners {
  readonly file: GatewayFile;
  /** How many of the registry are known; `undefined`: none of them, as there is nothing that says it. */
  readonly registered: number | undefined;
  /** Where they were looked for; `undefined` where the file has no registry. */
  readonly from: string | undefined;
  /** Milliseconds since 1970: of a cache, when the authority said last that it is so. */
  readonly asOfMs?: number | undefined;
  readonly problem?: Refusal | undefined;
}

/**
 * @param path of the configuration, by which its cache is found
 * @param given the lines of `countersign partner list --json`, or a cache; its partners are taken as those of the registry
 * @throws CS-GATEWAY-066, CS-FILE-... where what is given can not be read
 */
export async function withKnownPartners(file: GatewayFile, path: string, given?: string): Promise<KnownPartners> {
  const { registry } = file;
  if (registry === undefined) return { file, registered: undefined, from: undefined };
  const from = given ?? cachePathOf(path, registry);
  const listed = given === undefined ? undefined : await listedPartners(given);
  if (listed !== undefined) return { file: merged(file, listed), registered: listed.length, from };
  const { cached, problem } = await readRegistryCache(from, registry);
  if (cached === undefined && given !== undefined)
    throw problem ?? unusable(given, `it is of another registry than ${registry.authority}`);
  if (cached === undefined) return { file, registered: undefined, from, problem };
  const { partners, asOfMs } = cached;
  return { file: merged(file, partners), registered: partners.length, from, asOfMs };
}

function merged(file: GatewayFile, partners: readonly FollowedPartner[]): GatewayFile {
  return { ...file, partners: mergedPartners(file, partners).partners };
}

const eventLine = z.looseObject({ event: z.string() });

/** `undefined` where it is no such list. */
async function listedPartners(path: string): Promise<readonly FollowedPartner[] | undefined> {
  const text = await readTextFile(path, { maximumBytes: largestPartnersBytes });
  if (!text.startsWith('{')) return undefined;
  try {
    const lines = text.split('\n').filter((line) => line !== '');
    const events = lines.map((line) => eventLine.parse(JSON.parse(line)));
    // Without its last line it was cut off, and partners are missing.
    if (events.at(-1)?.event !== 'result') throw unusable(path, 'the line of its result is missing');
    return followedPartners.parse(events.filter(({ event }) => event === 'partner'));
  } catch (error) {
    if (isRefusal(error)) throw error;
    throw unusable(path, 'it is neither what partner list --json prints nor the cache of a gateway');
  }
}

function unusable(path: string, problem: string): Refusal {
  return new Refusal('CS-GATEWAY-066', { path, problem });
}
