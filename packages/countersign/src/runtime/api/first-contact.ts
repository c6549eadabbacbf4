/** First contact: from an address and the SHA-256 of a root to a bundle that can be trusted, or the reason why not. */
import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { BundleSet, parseTrustDomain } from '../../identity/spiffe/index.ts';
import { type Certificate, readCertificatesPem } from '../../identity/x509/index.ts';
import { sha256Hex } from '../cryptography/index.ts';
import type { Deadline } from './deadline.ts';
import { fetchRootsWithoutTrust } from './trustless-roots.ts';

export interface PinnedAuthority {
  /** `https://host:port`. */
  readonly url: string;
  /** SHA-256 of the root's DER, lower-case hexadecimal. */
  readonly rootSha256: string;
}

export interface FirstContact {
  /**
   * As the answer claims; nothing has vouched for it yet. The next connection does: it demands a certificate for this domain's
   * authority under the pinned root.
   */
  readonly trustDomain: string;
  readonly root: Certificate;
  /** The pinned root as the only anchor. */
  readonly bundles: BundleSet;
}

/** 5 minutes: as Kerberos has had it since RFC 1510; beyond it short-lived certificates fail on one side or the other. */
const mostSkewMs = 5 * 60_000;

export async function meetAuthority(
  authority: PinnedAuthority,
  clock: Clock,
  deadline: Deadline,
): Promise<FirstContact> {
  const { value, date } = await fetchRootsWithoutTrust(authority.url, deadline);
  const root = pinnedRoot(value.roots, authority);
  if (date !== undefined) requireCloseClocks(clock.now(), date);
  const trustDomain = parseTrustDomain(value.trustDomain);
  const bundle = { trustDomain, anchors: [root], intermediates: [], sequence: 0 };
  return { trustDomain, root, bundles: new BundleSet(trustDomain, [bundle]) };
}

function pinnedRoot(pems: readonly string[], { url, rootSha256 }: PinnedAuthority): Certificate {
  const roots = pems.flatMap((pem) => readCertificatesPem(pem));
  const pinned = roots.find((root) => sha256Hex(root.raw) === rootSha256);
  if (pinned !== undefined) return pinned;
  const found = roots.map((root) => sha256Hex(root.raw)).join(', ');
  throw new Refusal('CS-PIN-001', { address: url, expected: rootSha256, found });
}

/** Before anything else fails for it: a wrong clock shows itself as "expired" or "not yet valid", on either side. */
export function requireCloseClocks(here: number, there: number): void {
  const skewMs = Math.abs(here - there);
  if (skewMs <= mostSkewMs) return;
  const ahead = here > there ? "this machine's clock" : "the authority's clock";
  throw new Refusal('CS-CLOCK-001', {
    apart: spell(skewMs),
    ahead,
    here: toRfc3339(here),
    authority: toRfc3339(there),
  });
}

function spell(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts = [
    days > 0 ? `${String(days)} d` : '',
    hours > 0 ? `${String(hours)} h` : '',
    rest > 0 ? `${String(rest)} min` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
