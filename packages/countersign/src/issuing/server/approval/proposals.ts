/** Named operations that take two persons: proposed with their exact content, agreed to by another person, carried out once. */
import { type Clock, toRfc3339 } from '../../../ground/clock/index.ts';
import { toBase64Url } from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { ApproveProposalResponse, Proposal, Role } from '../../../runtime/api/index.ts';
import { type Actor, type AuditAction, type AuditEvent, auditEvent } from '../../../runtime/audit/index.ts';
import { randomBytes, sha256Hex } from '../../../runtime/cryptography/index.ts';
import type { Source } from '../../../runtime/tls/index.ts';
import type { Administrators } from '../access/administrators.ts';
import type { AdministratorCaller } from '../access/caller.ts';
import { requireRoles } from '../access/callers.ts';
import type { ServerLog } from '../server-event.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ProposalChange } from './proposal-change.ts';
import type { ProposalBook, ProposalRecord } from './proposal-book.ts';

/** What is told to whoever carried it out. Never in the record. */
export type Outcome = Readonly<Record<string, string>>;

/** An operation that takes two persons. `Content` is JSON, and all that it depends on. */
export interface NamedOperation<Content> {
  readonly name: string;
  /**
   * Refuses what has become impossible since it was proposed.
   * @param actor who asked for it alone, or agreed to it last
   */
  readonly execute: (content: Content, actor: Actor) => Promise<Outcome>;
}

/** One occurrence of it. */
export interface Asked<Content> {
  readonly content: Content;
  /** Whoever proposes or agrees must hold all of them. */
  readonly roles: readonly Role[];
  /** What will happen, precisely, a line each. */
  readonly what: readonly string[];
}

export interface Proposals {
  /** Once for each operation, before the first request. */
  register<Content>(operation: NamedOperation<Content>): void;
  /** Whether the caller may go on alone: `go`, or what waits for another person now. */
  require<Content>(
    operation: NamedOperation<Content>,
    asked: Asked<Content>,
    caller: AdministratorCaller,
  ): Promise<'go' | Proposal>;
  /** The same for what nobody asked for in person, as a changed file: nobody has agreed yet. */
  propose<Content>(operation: NamedOperation<Content>, asked: Asked<Content>): Promise<Proposal>;
  list(): Promise<Proposal[]>;
  approve(id: string, contentSha256: string, caller: AdministratorCaller): Promise<ApproveProposalResponse>;
  reject(id: string, caller: AdministratorCaller): Promise<Proposal>;
  /** Open proposals of an operation whose content is another. */
  supersede(operation: string, exceptContentSha256?: string): Promise<void>;
}

export interface ProposalsOptions {
  readonly book: ProposalBook;
  readonly administrators: Source<Administrators>;
  readonly clock: Clock;
  readonly log: ServerLog;
}

/** Who it was where a file was changed: nobody says. */
const ofTheFile: Actor = { kind: 'authority', name: 'the file of settings' };

const theAuthority: Actor = { kind: 'authority', name: '' };

/** A working day and the night before it: whoever agrees must be able to sleep on it, and no proposal lies about for weeks. Own choice. */
const lifeMs = 24 * 3_600_000;

/** What was decided is shown for so long. Own choice; the audit log keeps it. */
const shownMs = 30 * 24 * 3_600_000;

const idBytes = 9;

export function openProposals(options: ProposalsOptions): Proposals {
  return new BookedProposals(options);
}

class BookedProposals implements Proposals {
  readonly #options: ProposalsOptions;
  readonly #operations = new Map<string, NamedOperation<unknown>>();

  constructor(options: ProposalsOptions) {
    this.#options = options;
  }

  register<Content>(operation: NamedOperation<Content>): void {
    this.#operations.set(operation.name, operation as NamedOperation<unknown>);
  }

  async require<Content>(
    operation: NamedOperation<Content>,
    asked: Asked<Content>,
    caller: AdministratorCaller,
  ): Promise<'go' | Proposal> {
    requireRoles(asked.roles, caller, operation.name);
    if (this.#needed(asked.roles) === 1) return 'go';
    const { person, actor } = caller;
    const consents = [{ person, name: actor.name, atMs: this.#options.clock.now() }];
    return this.#put(operation, asked, consents, actor);
  }

  propose<Content>(operation: NamedOperation<Content>, asked: Asked<Content>): Promise<Proposal> {
    return this.#put(operation, asked, [], ofTheFile);
  }

  async list(): Promise<Proposal[]> {
    const nowMs = this.#options.clock.now();
    return (await this.#options.book.list(nowMs - shownMs)).map((record) => shown(record, nowMs));
  }

  async approve(id: string, contentSha256: string, caller: AdministratorCaller): Promise<ApproveProposalResponse> {
    const { book, clock } = this.#options;
    const record = await this.#record(id);
    requireRoles(record.roles, caller, record.operation);
    const { person, actor } = caller;
    const consent = { person, name: actor.name, atMs: clock.now() };
    const came = await book.consent(id, contentSha256, consent, this.#event('approval.give', record, actor));
    if (came === 'same-person') throw new Refusal('CS-APPROVAL-002', { id, person });
    if (came === 'other-content')
      throw new Refusal('CS-APPROVAL-004', { id, shown: contentSha256, found: record.contentSha256 });
    if (came !== 'agreed' && came !== 'complete')
      throw new Refusal('CS-APPROVAL-003', { id, state: shown(record, clock.now()).state });
    this.#tell(record, came === 'complete' ? 'approved' : 'agreed', actor.name);
    const outcome = came === 'complete' ? await this.#carryOut(record, actor) : undefined;
    return { proposal: shown(await this.#record(id), clock.now()), outcome };
  }

  async reject(id: string, caller: AdministratorCaller): Promise<Proposal> {
    const { book, clock } = this.#options;
    const record = await this.#record(id);
    requireRoles(record.roles, caller, record.operation);
    const event = this.#event('approval.refuse', record, caller.actor);
    if (!(await book.settle(id, 'open', 'rejected', event)))
      throw new Refusal('CS-APPROVAL-003', { id, state: shown(record, clock.now()).state });
    this.#tell(record, 'rejected', caller.actor.name);
    return shown(await this.#record(id), clock.now());
  }

  async supersede(operation: string, exceptContentSha256?: string): Promise<void> {
    const { book, clock } = this.#options;
    for (const record of await book.list(clock.now() - lifeMs)) {
      if (record.operation !== operation || record.contentSha256 === exceptContentSha256) continue;
      const event = this.#event('approval.refuse', record, theAuthority);
      if (await book.settle(record.id, 'open', 'superseded', event)) this.#tell(record, 'superseded', 'the authority');
    }
  }

  #needed(roles: readonly Role[]): number {
    const administrators = this.#options.administrators.current();
    return Math.max(...roles.map((role) => administrators.personsFor(role)));
  }

  async #put<Content>(
    operation: NamedOperation<Content>,
    { content, roles, what }: Asked<Content>,
    consents: ProposalRecord['consents'],
    by: Actor,
  ): Promise<Proposal> {
    if (!this.#operations.has(operation.name)) throw new TypeError(`the operation ${operation.name} is not registered`);
    const { book, clock } = this.#options;
    const nowMs = clock.now();
    const text = canonicalJson(content);
    const asked: ProposalRecord = {
      id: newId(),
      operation: operation.name,
      content: text,
      contentSha256: sha256Hex(new TextEncoder().encode(text)),
      what,
      roles,
      needed: Math.max(2, this.#needed(roles)),
      state: 'open',
      consents,
      proposedAtMs: nowMs,
      expiresAtMs: nowMs + lifeMs,
    };
    const held = await book.propose(asked, this.#event('approval.ask', asked, by));
    if (held.id === asked.id) this.#tell(held, 'proposed', by.name);
    return shown(held, nowMs);
  }

  async #carryOut(record: ProposalRecord, actor: Actor): Promise<Outcome> {
    const { book } = this.#options;
    const operation = this.#operations.get(record.operation);
    try {
      if (operation === undefined) throw new TypeError(`the operation ${record.operation} is not registered`);
      const outcome = await operation.execute(JSON.parse(record.content), actor);
      await book.settle(record.id, 'executing', 'executed');
      this.#tell(record, 'executed', 'the authority');
      return outcome;
    } catch (error) {
      await book.settle(record.id, 'executing', 'failed');
      this.#tell(record, 'failed', isRefusal(error) ? error.code : 'the authority');
      throw error;
    }
  }

  async #record(id: string): Promise<ProposalRecord> {
    const record = await this.#options.book.find(id);
    if (record === undefined) throw new Refusal('CS-APPROVAL-001', { id });
    return record;
  }

  /** What will happen names persons, so it stands beside the chain. */
  #event(action: AuditAction, { id, operation, contentSha256, what }: ProposalRecord, actor: Actor): AuditEvent {
    const facts = { proposal: id, operation, contentSha256 };
    return auditEvent(action, { atMs: this.#options.clock.now(), actor, facts, personal: { what: what.join('; ') } });
  }

  #tell({ id, operation, what }: ProposalRecord, change: ProposalChange, by: string): void {
    this.#options.log({ event: 'proposal', change, id, operation, what, by });
  }
}

/** Typed as an argument of a command, where a first hyphen would make an option of it. */
function newId(): string {
  for (;;) {
    const id = toBase64Url(randomBytes(idBytes));
    if (!id.startsWith('-')) return id;
  }
}

function shown(record: ProposalRecord, nowMs: number): Proposal {
  const { id, operation, what, contentSha256, roles, needed, consents, proposedAtMs, expiresAtMs } = record;
  return {
    ...{ id, operation, what: [...what], contentSha256, roles: [...roles], needed },
    state: record.state === 'open' && nowMs >= expiresAtMs ? 'expired' : record.state,
    agreed: consents.map(({ name, atMs }) => ({ name, at: toRfc3339(atMs) })),
    proposedAt: toRfc3339(proposedAtMs),
    expiresAt: toRfc3339(expiresAtMs),
  };
}
