/** The head of the audit log as the feed says it: never ahead of the disk, so that what an endpoint remembers is there after a crash. */
import { Refusal } from '../../ground/errors/index.ts';
import type { FeedAuditAnswer, FeedAuditHead } from '../../identity/revocation/index.ts';
import type { AuditJournal } from '../../runtime/audit/index.ts';
import type { EndpointName } from './endpoints.ts';
import type { ServerLog } from './server-event.ts';

type Journal = Pick<AuditJournal, 'head' | 'read'>;

export class LoggedHead {
  readonly #journal: Journal;
  readonly #log: ServerLog;
  #current: FeedAuditHead;

  private constructor(journal: Journal, log: ServerLog, current: FeedAuditHead) {
    this.#journal = journal;
    this.#log = log;
    this.#current = current;
  }

  static async read(journal: Journal, log: ServerLog): Promise<LoggedHead> {
    return new LoggedHead(journal, log, plain(await journal.head()));
  }

  get current(): FeedAuditHead {
    return this.#current;
  }

  /** Never rejects: a revocation is told also when the log cannot be read, with the head that was known. */
  async refresh(): Promise<void> {
    try {
      this.#current = plain(await this.#journal.head());
    } catch (error) {
      this.#log({ event: 'failed', what: 'reading the head of the audit log', why: String(error) });
    }
  }

  /** What the log holds where the subscriber remembers something. Told here as well: it is this log that is contradicted. */
  async answerTo({
    spiffeId,
    endpoint,
    remembers,
  }: EndpointName & { readonly remembers?: FeedAuditHead | undefined }): Promise<{ auditAnswer?: FeedAuditAnswer }> {
    await this.refresh();
    if (remembers === undefined) return {};
    const { sequence } = remembers;
    const [entry] = await this.#journal.read(sequence, 1);
    const found = entry?.sequence === sequence ? entry.hash : undefined;
    if (found !== remembers.hash)
      this.#log({ event: 'audit-contradicted', spiffeId, endpoint, refusal: this.#contradiction(remembers, found) });
    return { auditAnswer: { sequence, ...(found === undefined ? {} : { hash: found }) } };
  }

  #contradiction({ sequence, hash: remembered }: FeedAuditHead, found: string | undefined): Refusal {
    return found === undefined
      ? new Refusal('CS-AUDIT-002', { remembered: sequence, found: this.#current.sequence })
      : new Refusal('CS-AUDIT-001', { sequence, remembered, found });
  }
}

function plain({ sequence, hash }: FeedAuditHead): FeedAuditHead {
  return { sequence, hash };
}
