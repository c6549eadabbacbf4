/** The section `publishing` of an authority's settings: where anybody gets what it publishes of revocations. */
import { z } from 'zod';

import { defaultOcspRules, type OcspRules } from '../../ocsp/index.ts';
import { address, hostAndPort } from './telemetry-settings.ts';

export interface PublishingSettings {
  /** HOST:PORT of the plain listener; default 127.0.0.1:7480. */
  readonly listen?: string | undefined;
  readonly ocsp?: OcspSettings | undefined;
}

export interface OcspSettings {
  /** How long an answer holds, in minutes; default 720. It is signed anew at half of that, and at once where a certificate is revoked. */
  readonly answerMinutes?: number | undefined;
  /** `signed`: a nonce is answered, by a signature on demand; default ignored, as who signs ahead does. */
  readonly nonces?: 'signed' | 'ignored' | undefined;
  /** Signatures on demand in a second, at most; default 100. */
  readonly signaturesASecond?: number | undefined;
}

export const publishingSettings: z.ZodType<PublishingSettings> = z.strictObject({
  listen: address.optional(),
  ocsp: z
    .strictObject({
      // Below that, signing would be all that it does; a week is the life of the responder's certificate.
      answerMinutes: z.int().min(2).max(10_080).optional(),
      nonces: z.enum(['signed', 'ignored']).optional(),
      signaturesASecond: z.int().min(1).max(10_000).optional(),
    })
    .optional(),
});

/** This machine alone: what others reach, a person says. */
const defaultAddress = '127.0.0.1:7480';

/** Where to listen; `undefined` where nothing of it was asked for. */
export function publishingPlace(
  settings: PublishingSettings | undefined,
): { readonly host: string; readonly port: number } | undefined {
  return settings === undefined ? undefined : hostAndPort(settings.listen ?? defaultAddress);
}

export function ocspRules({ ocsp = {} }: PublishingSettings = {}): OcspRules {
  const { answerMinutes, nonces, signaturesASecond } = ocsp;
  return {
    answerLifeMs: answerMinutes === undefined ? defaultOcspRules.answerLifeMs : answerMinutes * 60_000,
    nonces: nonces ?? defaultOcspRules.nonces,
    signaturesASecond: signaturesASecond ?? defaultOcspRules.signaturesASecond,
  };
}
