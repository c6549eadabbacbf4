/** By which means a certificate's revocation reaches whom, as far as it says itself, and after how long it ends in any case. */
import { formatDuration } from '../text/duration.ts';
import type { ExtensionData } from './describe-extensions.ts';

export interface RevocationMeansData {
  /** What the certificate points to; empty where it points to nothing. */
  readonly published: readonly ('crl' | 'ocsp')[];
  /** noRevAvail (RFC 9608): it is published nowhere, on purpose. */
  readonly nowhere: boolean;
  /** The longest time for which who hears of no revocation may accept it: until it expires. 0 for one that has. */
  readonly worstSeconds: number;
}

export function revocationMeans(
  extensions: readonly ExtensionData[],
  notAfterMs: number,
  nowMs: number,
): RevocationMeansData {
  const decoded = (name: string): unknown => extensions.find((one) => one.name === name)?.decoded ?? undefined;
  const crl = decoded('crlDistributionPoints') !== undefined;
  const ocsp = /"name":"ocsp"/.test(JSON.stringify(decoded('authorityInfoAccess') ?? []));
  return {
    published: [...(crl ? ['crl' as const] : []), ...(ocsp ? ['ocsp' as const] : [])],
    nowhere: extensions.some(({ name }) => name === 'noRevAvail'),
    // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
    worstSeconds: Math.max(0, Math.ceil((notAfterMs + 1000 - nowMs) / 1000)),
  };
}

export function revocationWords({ published, nowhere, worstSeconds }: RevocationMeansData): string[] {
  const checked = published.map((one) => one.toUpperCase()).join(' and ');
  const others = `${String(worstSeconds)} s (${formatDuration(worstSeconds * 1000)})`;
  return [
    'at once for who follows the feed of its authority, within the lease at worst',
    ...(checked === '' ? [] : [`for who checks it: by ${checked}`]),
    `for others${nowhere ? ', as it is published nowhere,' : ''} when it expires: ${others} at worst`,
  ];
}
