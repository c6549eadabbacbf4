/** The section `crl` of an authority's settings: its own revocation lists, and where relying parties find them. */
import { z } from 'zod';

import { durationMs, durationText } from '../../../runtime/config/index.ts';
import { isAbsoluteHttpUrl, isShardCount, ownListTemplate } from '../../authority/index.ts';

export interface CrlSettings {
  /** Under which lists are found: what stands before `/crl/` in the certificates of profiles with `crl: [own]`. */
  readonly url?: string | undefined;
  /** Default 1. */
  readonly shards?: number | undefined;
  /** Default 24h. */
  readonly life?: string | undefined;
  /** Default 1h. */
  readonly deltaLife?: string | undefined;
}

/** What the lists of an authority are made by. */
export interface ListRules {
  readonly url: string | undefined;
  readonly shards: number;
  readonly lifeMs: number;
  readonly deltaLifeMs: number;
}

/** In a profile's `crl`, instead of a URL. */
export const ownListWord = 'own';

const url = z
  .string()
  .max(1024)
  // Absolute, and such that what is put behind it is a URL, too.
  .refine(
    (text) => isAbsoluteHttpUrl(text) && !/[/?]$/.test(text) && new URL(text).search === '',
    'an absolute http or https URL without a query and without a slash at its end',
  )
  .meta({ description: 'an absolute http or https URL without a slash at its end: http://crl.internal:7480' });

export const crlSettings: z.ZodType<CrlSettings> = z
  .strictObject({
    url: url.optional(),
    shards: z.int().min(1).max(256).refine(isShardCount, 'a power of two').optional(),
    life: durationText.optional(),
    deltaLife: durationText.optional(),
  })
  .superRefine((section, context) => {
    const { lifeMs, deltaLifeMs } = listRules(section);
    const complain = (place: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [place], message });
    if (lifeMs < leastLifeMs || lifeMs > mostLifeMs) complain('life', 'from 2m to 30d');
    if (deltaLifeMs < leastLifeMs || deltaLifeMs > lifeMs) complain('deltaLife', 'from 2m to the life of a list');
  });

const hourMs = 3_600_000;

/**
 * A day, so that relying parties ride out an authority that is away for half of one; a delta list an hour. Own choices. The least: what a crowd of
 * relying parties fetches anew each half of it is no list any more. The most: revocations are kept as long after expiry (see `tidyRules`).
 */
const [defaultLifeMs, defaultDeltaLifeMs] = [24 * hourMs, hourMs];
const [leastLifeMs, mostLifeMs] = [120_000, 30 * 24 * hourMs];

export function listRules({ url: where, shards, life, deltaLife }: CrlSettings): ListRules {
  const lifeMs = ms(life) ?? defaultLifeMs;
  return {
    url: where,
    shards: shards ?? 1,
    lifeMs,
    deltaLifeMs: ms(deltaLife) ?? Math.min(defaultDeltaLifeMs, lifeMs),
  };
}

/** What stands for `own` in profiles; `undefined` where the settings do not say where lists are. */
export function ownListOf({ crl }: { readonly crl?: CrlSettings | undefined }): string | undefined {
  if (crl?.url === undefined) return undefined;
  const { url: where, shards } = crl;
  return ownListTemplate(where, shards ?? 1);
}

function ms(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationMs(text);
}
