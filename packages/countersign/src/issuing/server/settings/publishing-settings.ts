/** The section `publishing` of an authority's settings: where anybody gets what it publishes of revocations. */
import { z } from 'zod';

import { address, hostAndPort } from './telemetry-settings.ts';

export interface PublishingSettings {
  /** HOST:PORT of the plain listener; default 127.0.0.1:7480. */
  readonly listen?: string | undefined;
}

export const publishingSettings: z.ZodType<PublishingSettings> = z.strictObject({
  listen: address.optional(),
});

/** This machine alone: what others reach, a person says. */
const defaultAddress = '127.0.0.1:7480';

/** Where to listen; `undefined` where nothing of it was asked for. */
export function publishingPlace(
  settings: PublishingSettings | undefined,
): { readonly host: string; readonly port: number } | undefined {
  return settings === undefined ? undefined : hostAndPort(settings.listen ?? defaultAddress);
}
