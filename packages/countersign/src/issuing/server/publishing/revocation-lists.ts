/** The authority's revocation lists as the settings want them: made, handed out under `/crl/`, and made otherwise where the settings change. */
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';

import type { Clock } from '../../../ground/clock/index.ts';
import type { Source } from '../../../runtime/tls/index.ts';
import type { KeyCertificate } from '../../authority/index.ts';
import { listHeaders, ListPublisher, type RevokedRows } from '../../crl/index.ts';
import type { Feed } from '../feed.ts';
import type { ServerLog } from '../server-event.ts';
import type { AuthoritySettings } from '../settings/authority-settings.ts';
import { type CrlSettings, listRules } from '../settings/crl-settings.ts';
import { otherList } from './other-lists.ts';
import { type PublishedAnswer, type PublishedRoute, publishedText } from './published-route.ts';

export interface RevocationListsOptions {
  readonly settings: Source<AuthoritySettings>;
  /** The one that signs now first, then those that were replaced. */
  readonly issuers: readonly KeyCertificate[];
  readonly rows: RevokedRows;
  readonly feed: Pick<Feed, 'number' | 'revocations'>;
  /** The state directory. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: ServerLog;
}

export interface RevocationLists {
  readonly route: PublishedRoute;
  /** In the order of the issuers; none where the settings want no lists. */
  all(): readonly ListPublisher[];
  close(): Promise<void>;
}

/** In the state directory: what is in there is for everybody. */
export const listFolderName = 'crl';

export function keepRevocationLists(options: RevocationListsOptions): RevocationLists {
  const { settings, feed } = options;
  let wanted = settings.current().crl;
  let publishers = publishersOf(options, wanted);
  let closing: Promise<void> = Promise.resolve();
  const changed = (): void => {
    for (const publisher of publishers) publisher.changed();
  };
  const unwatchFeed = feed.revocations.watch(changed);
  const unwatchSettings = settings.watch(({ crl }) => {
    if (isDeepStrictEqual(crl, wanted)) return;
    wanted = crl;
    const before = publishers;
    publishers = [];
    // One after the other: they write the same files.
    closing = closing
      .then(() => closeAll(before))
      .then(() => {
        if (isDeepStrictEqual(crl, wanted)) publishers = publishersOf(options, crl);
      });
  });
  return {
    all: () => publishers,
    route: {
      prefix: '/crl/',
      answer: ({ path }) => answer(publishers, path, options),
    },
    close: async () => {
      unwatchFeed();
      unwatchSettings();
      wanted = undefined;
      await closing;
      await closeAll(publishers);
    },
  };
}

async function closeAll(publishers: readonly ListPublisher[]): Promise<void> {
  await Promise.all(publishers.map((publisher) => publisher.close()));
}

function publishersOf(options: RevocationListsOptions, crl: CrlSettings | undefined): readonly ListPublisher[] {
  if (crl === undefined) return [];
  const { issuers, rows, feed, dir, clock, log } = options;
  return issuers.map(
    (issuer) =>
      new ListPublisher({
        ...listRules(crl),
        ...{ rows, clock, issuer, folder: join(dir, listFolderName), feedNumber: () => feed.number },
        failed: (what, why) => log({ event: 'failed', what, why }),
      }),
  );
}

/** A million entries are read in some seconds. Own choice. */
const longestWaitMs = 5_000;

/** All wait together: while no list can be made, whoever asks would leave something behind at the publisher. */
const waiting = new WeakMap<ListPublisher, Promise<boolean>>();

/** After a start the lists of the run before are there, but not what was revoked at its very end: they are not handed out. */
function isReady(publisher: ListPublisher, clock: Clock): Promise<boolean> {
  if (publisher.shelf.all.length > 0) return Promise.resolve(true);
  const others = waiting.get(publisher);
  if (others !== undefined) return others;
  const ready = new Promise<boolean>((resolve) => {
    const timer = clock.after(longestWaitMs, () => resolve(false), { unref: true });
    void publisher.ready.then(() => {
      timer.cancel();
      resolve(true);
    });
  }).finally(() => waiting.delete(publisher));
  waiting.set(publisher, ready);
  return ready;
}

async function answer(
  publishers: readonly ListPublisher[],
  path: string,
  { dir, clock }: RevocationListsOptions,
): Promise<PublishedAnswer> {
  const folder = join(dir, listFolderName);
  const publisher = publishers.find(({ name }) => path.startsWith(`${name}/`));
  if (publisher !== undefined && !(await isReady(publisher, clock))) {
    const answered = publishedText(503, 'lists are being made');
    return { ...answered, headers: { ...answered.headers, 'retry-after': '5' } };
  }
  const found = await publisher?.shelf.read(path);
  if (found === undefined) return (await otherList(folder, path)) ?? publishedText(404, 'no such list');
  return {
    status: 200,
    type: 'application/pkix-crl',
    bytes: found.bytes,
    headers: listHeaders(found.list, clock.now()),
  };
}
