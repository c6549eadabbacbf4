/** The partners of a registry as they were heard last, in a file: so that an authority that is away at a restart keeps nobody out. */
import { z } from 'zod';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type FollowedPartner, followedPartners, largestPartnersBytes } from '../../../runtime/api/index.ts';
import { readTextFile, writeFileAtomically } from '../../../runtime/config/index.ts';
import { sha256HexOfText } from '../../../runtime/cryptography/index.ts';
import type { RegistrySettings } from '../configuration/gateway-file.ts';

export interface CachedPartners {
  /** The gateway's name for itself towards the authority. */
  readonly gateway: string;
  readonly version: string;
  /** When the authority said last that this is so, milliseconds since 1970. */
  readonly asOfMs: number;
  readonly partners: readonly FollowedPartner[];
}

export interface CacheReading {
  /** `undefined` where there is none, none of this registry, or none that is whole. */
  readonly cached: CachedPartners | undefined;
  readonly problem?: Refusal;
}

const cacheFile = z.strictObject({
  format: z.literal(1),
  authority: z.string(),
  trust: z.string(),
  gateway: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
  version: z.string(),
  asOfMs: z.int(),
  partners: followedPartners,
});

/** Never rejects: without it the partners of the registry are let in once the authority has told them. */
export async function readRegistryCache(path: string, settings: RegistrySettings): Promise<CacheReading> {
  try {
    const text = await readTextFile(path, {
      maximumBytes: largestPartnersBytes,
      check: async (file) => {
        if (((await file.stat()).mode & 0o077) !== 0)
          throw unusable(path, 'others than its owner may read or write it');
      },
    });
    return parsed(text, path, settings);
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-FILE-001') return { cached: undefined };
    if (isRefusal(error) && error.code === 'CS-GATEWAY-066') return { cached: undefined, problem: error };
    return { cached: undefined, problem: unusable(path, error instanceof Error ? error.message : String(error)) };
  }
}

function parsed(text: string, path: string, { authority, trust }: RegistrySettings): CacheReading {
  const end = text.indexOf('\n');
  const [sum, body] = [text.slice(0, end), text.slice(end + 1)];
  // Against half a write, a bad disk and an editor; whoever may write here runs the gateway.
  if (end === -1 || sum !== sha256HexOfText(body)) throw unusable(path, 'its content is not that of its checksum');
  const read = cacheFile.safeParse(JSON.parse(body));
  if (!read.success) throw unusable(path, 'it is of another form');
  if (read.data.authority !== authority || read.data.trust !== trust) return { cached: undefined };
  const { gateway, version, asOfMs, partners } = read.data;
  return { cached: { gateway, version, asOfMs, partners } };
}

/** @throws CS-FILE-... */
export async function writeRegistryCache(
  path: string,
  { authority, trust }: RegistrySettings,
  cached: CachedPartners,
): Promise<void> {
  const body = JSON.stringify({ format: 1, authority, trust, ...cached });
  await writeFileAtomically(path, `${sha256HexOfText(body)}\n${body}`, { mode: 0o600 });
}

function unusable(path: string, problem: string): Refusal {
  return new Refusal('CS-GATEWAY-066', { path, problem });
}
