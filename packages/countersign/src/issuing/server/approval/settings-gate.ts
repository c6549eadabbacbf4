/**
 * Between the file of settings and what is in force: whoever can write the file could give himself everything. What gives somebody more waits for two
 * persons wherever two are the rule, at a reload and at the start; until then the settings accepted last stay in force.
 */
import type { Clock } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { Role } from '../../../runtime/api/index.ts';
import { type Actor, auditEvent } from '../../../runtime/audit/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import { MutableSource, type Source } from '../../../runtime/tls/index.ts';
import {
  type Administrators,
  type Place,
  resolveAdministrators,
  widenedAdministrators,
} from '../access/administrators.ts';
import type { ServerLog } from '../server-event.ts';
import { type AuthoritySettings, authoritySettings } from '../settings/authority-settings.ts';
import { canonicalJson } from './canonical-json.ts';
import { type InForce, lastAccepted } from './last-accepted.ts';
import type { SettingsMemory } from './proposal-book.ts';
import type { NamedOperation, Outcome, Proposals } from './proposals.ts';

/** What one change of the settings gives that was not given before, and the role of those who decide on it. */
export interface Widened {
  readonly role: Role;
  readonly what: string;
}

/** Of a section other than `administrators`. */
export type Widens = (before: AuthoritySettings, after: AuthoritySettings) => readonly Widened[];

export interface SettingsGateOptions {
  /** As the file says. */
  readonly file: Source<AuthoritySettings>;
  /** What refusals call it. */
  readonly path: string;
  readonly memory: SettingsMemory;
  readonly place: Place;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly widens: readonly Widens[];
}

export interface SettingsGate {
  readonly settings: Source<AuthoritySettings>;
  readonly administrators: Source<Administrators>;
  /** Looks at the file, now and at each change of it. Rejects where the file cannot be used at all. */
  begin(proposals: Proposals): Promise<void>;
  close(): void;
}

export async function openSettingsGate(options: SettingsGateOptions): Promise<SettingsGate> {
  return new Gate(options, await lastAccepted(options.memory, options.place));
}

class Gate implements SettingsGate {
  readonly settings: MutableSource<AuthoritySettings>;
  readonly administrators: MutableSource<Administrators>;
  readonly #options: SettingsGateOptions;
  readonly #change: NamedOperation<AuthoritySettings>;
  #proposals: Proposals | undefined;
  #looking: Promise<void> = Promise.resolve();
  #unwatch: () => void = () => undefined;

  constructor(options: SettingsGateOptions, { settings, administrators }: InForce) {
    this.#options = options;
    this.settings = new MutableSource(settings);
    this.administrators = new MutableSource(administrators);
    this.#change = {
      name: 'settings.change',
      execute: (content, actor) => this.#carryOut(content, actor),
    };
  }

  async begin(proposals: Proposals): Promise<void> {
    this.#proposals = proposals;
    proposals.register(this.#change);
    const { file, log } = this.#options;
    await this.#look(file.current());
    this.#unwatch = file.watch((settings) => {
      // One after the other, so that the last one read is the last one decided on.
      this.#looking = this.#looking
        .then(() => this.#look(settings))
        .catch((error: unknown) => {
          if (isRefusal(error)) log({ event: 'settings', state: 'refused', refusal: error });
          else log({ event: 'failed', what: 'settings', why: String(error) });
        });
    });
  }

  close(): void {
    this.#unwatch();
  }

  async #look(candidate: AuthoritySettings): Promise<void> {
    const { path, log, place } = this.#options;
    const administrators = await resolveAdministrators(candidate.administrators, place);
    const widened = this.#widened(candidate, administrators);
    const before = this.administrators.current();
    const waits = widened.some(({ role }) => before.personsFor(role) > 1);
    if (!waits) {
      await this.#accept({ settings: candidate, administrators }, { kind: 'authority', name: 'the file of settings' });
      await this.#proposals?.supersede(this.#change.name);
      return;
    }
    const proposal = await this.#proposals?.propose(this.#change, {
      content: candidate,
      roles: [...new Set(widened.map(({ role }) => role))],
      what: widened.map(({ what }) => what),
    });
    if (proposal === undefined) return;
    await this.#proposals?.supersede(this.#change.name, proposal.contentSha256);
    const refusal = new Refusal('CS-APPROVAL-005', { path, proposal: proposal.id, changes: proposal.what });
    log({ event: 'settings', state: 'waiting', refusal });
  }

  #widened(candidate: AuthoritySettings, administrators: Administrators): readonly Widened[] {
    const own = widenedAdministrators(this.administrators.current(), administrators);
    return [
      ...own.map((what): Widened => ({ role: 'root', what })),
      ...this.#options.widens.flatMap((widens) => widens(this.settings.current(), candidate)),
    ];
  }

  async #carryOut(content: AuthoritySettings, actor: Actor): Promise<Outcome> {
    // Read through the schema again: the row is the database's, not this process's.
    const settings = authoritySettings.parse(content);
    const administrators = await resolveAdministrators(settings.administrators, this.#options.place);
    await this.#accept({ settings, administrators }, actor);
    return { settings: 'in force' };
  }

  async #accept({ settings, administrators }: InForce, actor: Actor): Promise<void> {
    const { memory, clock, log } = this.#options;
    const content = canonicalJson(settings);
    const changed = content !== canonicalJson(this.settings.current());
    if (changed) {
      const atMs = clock.now();
      const facts = { contentSha256: sha256Hex(new TextEncoder().encode(content)) };
      await memory.accept({ content, acceptedAtMs: atMs }, auditEvent('settings.swap', { atMs, actor, facts }));
    }
    this.administrators.set(administrators);
    this.settings.set(settings);
    if (changed) log({ event: 'settings', state: 'in-force' });
  }
}
