/** First contact: from an address and the SHA-256 of a root to a bundle that can be trusted, or the reason why not. */
import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import { parsePem } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { BundleSet, parseTrustDomain } from '../../identity/spiffe/index.ts';
import { type Certificate, parseCertificate } from '../../identity/x509/index.ts';
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
  const der = readAnswered(authority, 'its roots', () => pinnedRoot(value.roots, authority));
  if (date !== undefined) requireCloseClocks(clock.now(), date);
  const root = parseCertificate(der);
  const trustDomain = readAnswered(authority, 'its trust domain', () => parseTrustDomain(value.trustDomain));
  const bundle = { trustDomain, anchors: [root], intermediates: [], sequence: 0 };
  return { trustDomain, root, bundles: new BundleSet(trustDomain, [bundle]) };
}

/** By the hash alone: what a stranger calls its root need not be a certificate that could be read here. */
function pinnedRoot(pems: readonly string[], { url, rootSha256 }: PinnedAuthority): Uint8Array {
  const roots = pems.flatMap((pem) => parsePem(pem).map(({ bytes }) => bytes));
  const pinned = roots.find((root) => sha256Hex(root) === rootSha256);
  if (pinned !== undefined) return pinned;
  throw new Refusal('CS-PIN-001', { address: url, expected: rootSha256, found: roots.map(sha256Hex).join(', ') });
}

function readAnswered<T>({ url }: PinnedAuthority, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isRefusal(error) || error.code === 'CS-PIN-001') throw error;
    const problem = `${what} cannot be read: ${error.title}`;
    throw new Refusal('CS-NET-003', { address: url, status: 200, problem }, { cause: error });
  }
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
