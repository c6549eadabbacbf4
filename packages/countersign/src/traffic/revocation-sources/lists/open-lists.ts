/** Revocation lists as a live means: fetched ahead of their end, asked at once, watched. */
import { sha256, verifySignatureAside } from '../../../runtime/cryptography/index.ts';
import { type StatusChange, tell } from '../../../runtime/tls/index.ts';
import type { CertificateList } from '../../../identity/x509/index.ts';
import { permittedAddresses } from '../retrieve/private-ranges.ts';
import { listCache } from './list-cache.ts';
import { ListCheck } from './list-check.ts';
import { type KeeperContext, ListKeeper } from './list-keeper.ts';
import type { ListOptions, Lists, ListSource } from './list-options.ts';
import { addressReader, fileReader, type ListReader } from './list-reader.ts';
import { ListSigners } from './list-signers.ts';

const mebibyte = 1024 * 1024;

/** What many endpoints hold of one issuer's certificates weighs a tenth of it. */
export const mostBytesByDefault: number = 128 * mebibyte;
const mostBytesOfNamed = 16 * mebibyte;

/** Starts reading all sources at once; `settled` tells when the first round is over. */
export function openLists(options: ListOptions): Lists {
  const { clock, others = [], trusted = [], verifySignature, cacheFolder, privateRanges = 'refuse' } = options;
  const { mostBytes = mostBytesByDefault, timeoutMs = 30_000 } = options;
  for (const source of options.sources) requireSource(source);
  // Told here, where whoever wrote it is waiting.
  permittedAddresses(privateRanges);
  const aside = options.verifyAside ?? verifySignatureAside;
  const signers = new ListSigners([...others, ...trusted], verifySignature, aside, sha256);
  const listeners = new Set<(change: StatusChange) => void>();
  const context: KeeperContext = {
    ...{ clock, signers, mostBytes, random: options.random ?? Math.random, mostAgeMs: options.mostAgeMs },
    clockDifferenceMs: options.clockDifferenceMs ?? 0,
    fetchEveryMs: options.fetchEveryMs ?? 3_600_000,
    lookEveryMs: options.lookEveryMs ?? 5_000,
    cache: cacheFolder === undefined ? undefined : listCache(cacheFolder, mostBytes),
    warn: (refusal) => tell(options.onWarning, refusal),
    deltasOf: (list) => check.deltasOf(list),
    changed: (lists) => {
      check.rebuild();
      const change = changeOf(lists, signers);
      for (const listener of [...listeners]) tell(listener, change);
    },
  };
  const readerOf = (url: string, most: number): ListReader =>
    addressReader({ url, mostBytes: most, timeoutMs, privateRanges, clock });
  const keepers = options.sources.map(
    (source) =>
      new ListKeeper('file' in source ? fileReader(source.file, mostBytes) : readerOf(source.url, mostBytes), context),
  );
  const named = (url: string): ListKeeper =>
    new ListKeeper(readerOf(url, Math.min(mostBytes, mostBytesOfNamed)), {
      ...context,
      // Strangers' addresses, as many as there are certificates, are not put on the disk.
      cache: undefined,
      mostBytes: Math.min(mostBytes, mostBytesOfNamed),
    });
  const check = new ListCheck(options, signers, keepers, named, listeners);
  for (const keeper of keepers) void keeper.start();
  return check;
}

function requireSource(source: ListSource): void {
  const { file, url } = source as { file?: unknown; url?: unknown };
  if ((typeof file === 'string') === (typeof url === 'string')) throw new TypeError('a source is a file or a url');
}

/** An indirect list speaks of issuers that its own does not name. */
function changeOf(lists: readonly CertificateList[], signers: ListSigners): StatusChange {
  const keys = lists.flatMap((list) =>
    list.issuingDistributionPoint?.indirectCRL === true ? [] : [signers.issuerKeys(list.issuer)],
  );
  if (keys.length < lists.length || keys.some((of) => of.length === 0)) return { kind: 'everything' };
  return { kind: 'issuers', issuerKeys: [...new Set(keys.flat())] };
}
