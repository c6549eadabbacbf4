/** What lies in the folder of the authority's keys, by name. */
import { z } from 'zod';

/** In the state directory. */
export const keyFolderName = 'authority';

export const keyFiles = {
  /** The trust anchor that endpoints pin. */
  anchor: 'root.pem',
  /** The own root's key, until it is carried away; never read by a running authority. */
  rootKey: 'root.key.pem',
  /** Between issuer and anchor, the issuer's own issuer first; absent where there is none. */
  above: 'above.pem',
  issuer: 'issuer.pem',
  issuerKey: 'issuer.key.pem',
  /** Last of all that is written: with it the authority is there. */
  settings: 'settings.json',
  /** An issuer whose request waits for its answer. */
  nextKey: 'next.key.pem',
  nextRequest: 'next.request.pem',
  next: 'next.json',
} as const;

/** An issuer that was replaced, whose key goes on to sign revocation lists and OCSP answers; the mark is the name of its lists' folder. */
export interface RetiredFiles {
  /** Its certificate, and after it what stood above it, without the anchor. */
  readonly chain: string;
  readonly key: string;
}

export function retiredFiles(mark: string): RetiredFiles {
  return { chain: `retired-${mark}.pem`, key: `retired-${mark}.key.pem` };
}

const retiredForm = /^retired-([0-9a-f]{16})(\.key)?\.pem$/;

/** Of those whose key is here: where it was taken away, the certificate alone says nothing. */
export function retiredMarks(names: readonly string[]): readonly string[] {
  return names
    .map((name) => retiredForm.exec(name))
    .filter((found) => found?.[2] !== undefined)
    .map((found) => found?.[1] ?? '')
    .sort();
}

const secrets: readonly string[] = [keyFiles.rootKey, keyFiles.issuerKey, keyFiles.nextKey];

/** Whether it holds a private key. */
export function isSecretFile(name: string): boolean {
  return secrets.includes(name) || retiredForm.exec(name)?.[2] !== undefined;
}

export interface KeySettings {
  readonly version: 1;
  readonly trustDomain: string;
  /** The database that goes with these keys. */
  readonly ledger: string;
}

export const keySettingsShape: z.ZodType<KeySettings> = z.strictObject({
  version: z.literal(1),
  trustDomain: z.string().min(1).max(255),
  ledger: z.string().min(1).max(100),
});

/** What is remembered of a request until its answer comes. */
export interface NextIssuer {
  readonly version: 1;
  readonly trustDomain: string;
}

export const nextIssuerShape: z.ZodType<NextIssuer> = z.strictObject({
  version: z.literal(1),
  trustDomain: z.string().min(1).max(255),
});
