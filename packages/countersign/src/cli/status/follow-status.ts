/** `status --follow`: what the feed says, as it comes; heard at the local socket, and verified as endpoints verify it. */
import { join } from 'node:path';
import { toRfc3339 } from '../../ground/clock/index.ts';
import { toBase64Url } from '../../ground/encoding/index.ts';
import { RevocationState, type RevocationView } from '../../identity/revocation/index.ts';
import { BundleSet } from '../../identity/spiffe/index.ts';
import { readCertificatesPem } from '../../identity/x509/index.ts';
import { localSocketName } from '../../runtime/api/index.ts';
import { randomBytes, sha256Hex } from '../../runtime/cryptography/index.ts';
import { MutableSource, Trust } from '../../runtime/tls/index.ts';
import { followFeed } from '../../traffic/revocation-sources/index.ts';
import type { Call } from '../call.ts';
import { localSocketDirectory, withLocalAuthority } from '../local-authority.ts';
import { endingStatus } from '../process/ending.ts';
import { feedWarning } from '../run/feed-warning.ts';
import { type FeedNews, NewsOfStates } from './feed-news.ts';

export async function followStatus(call: Call): Promise<number> {
  const { clock, ending } = call.world;
  const asked = ending.wait();
  const bundle = await ownBundle(call);
  const [anchor] = bundle.anchors;
  if (anchor === undefined) throw new TypeError('an authority has a root');
  const bundles = new MutableSource(new BundleSet(bundle.trustDomain, [bundle]));
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const news = new NewsOfStates();
  revocations.watch((view) => {
    if (view instanceof RevocationState) for (const one of news.after(view)) tellNews(call, one);
  });
  // Nobody is let in by it.
  const trust = new Trust({ bundles, revocations, clock });
  const follower = followFeed({
    ...{ bundles, revocations, trust, clock },
    socket: join(localSocketDirectory(call), localSocketName),
    rootSha256: sha256Hex(anchor.raw),
    endpoint: toBase64Url(randomBytes(16)),
    observes: true,
    onEvent: (event) => {
      const warning = event.type === 'lease-ended' ? undefined : feedWarning(event);
      if (warning === undefined) return;
      call.output.event('warning', { code: warning.code, text: warning.text });
      call.output.hint(` ${warning.text}`);
    },
  });
  const end = await asked;
  await follower.close();
  trust.close();
  return endingStatus[end];
}

/** The kernel says whose socket it is, so that its word for the root is as good as the file. */
async function ownBundle(call: Call) {
  const { authority } = await withLocalAuthority(call, (local) => local.readAudit({ limit: 1 }));
  const anchors = authority.roots.flatMap((pem) => readCertificatesPem(pem));
  return { trustDomain: authority.trustDomain, anchors, intermediates: [], sequence: 0 };
}

function tellNews({ output }: Call, { what, number, atMs, subject, reason }: FeedNews): void {
  const at = toRfc3339(atMs);
  output.event(what, { at, number, ...subject, ...(reason === undefined ? {} : { reason }) });
  const words = Object.entries(subject).map(([name, value]) => `${name} ${String(value)}`);
  output.say(` ${at}  ${what.padEnd(9)}  ${[...words, ...(reason === undefined ? [] : [reason])].join('  ')}`);
}
