/** The forms of the fields that several operations share, with their limits. */
import { z } from 'zod';

import { parseRfc3339 } from '../../ground/clock/index.ts';

/** PEM text: 32 KiB, half of the largest request. */
export const pemText: z.ZodType<string> = z.string().min(1).max(32_768);

/** A DNS name (at most 253 characters) or a SPIFFE ID (at most 2048 bytes); the authority decides which are allowed. */
export const subjectName: z.ZodType<string> = z.string().min(1).max(2048);

/** 100 as other authorities allow (Let's Encrypt); a service has a few. */
export const subjectNames: z.ZodType<string[]> = z.array(subjectName).min(1).max(100);

/** As a profile is called in the settings, or mistyped: the authority knows which there are. */
export const profileName: z.ZodType<string> = z.string().min(1).max(63);

/** Hexadecimal as OpenSSL prints it: upper case; at most 20 octets (RFC 5280, 4.1.2.2). */
export const serialText: z.ZodType<string> = z
  .string()
  .regex(/^[0-9A-F]{1,40}$/, 'a serial number in hexadecimal, as list shows it');

/** A SHA-256 in lower-case hexadecimal. */
export const sha256Text: z.ZodType<string> = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal');

export const rfc3339Text: z.ZodType<string> = z
  .string()
  .refine((text) => parseRfc3339(text) !== undefined, 'an RFC 3339 time')
  .meta({ format: 'date-time' });

/** `https://host[:port]` and nothing after it: what is added to it must be ours. */
export const authorityUrl: z.ZodType<string> = z
  .string()
  .max(300)
  .refine(isOrigin, 'an https address without a path')
  .meta({ format: 'uri' });

/** An endpoint's name for itself, so that its acknowledgements can be told from others': chosen at random when it starts. */
export const endpointId: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16,64}$/, '16 to 64 characters of base64url');

export function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    url.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    (text === url.origin || text === `${url.origin}/`)
  );
}
