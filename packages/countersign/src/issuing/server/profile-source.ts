/** The profiles as a source: those of the settings, all of the new ones at once where they change; each change is told and recorded. */
import type { Clock } from '../../ground/clock/index.ts';
import { type AuditFacts, type AuditJournal, auditEvent } from '../../runtime/audit/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { MutableSource, type Source } from '../../runtime/tls/index.ts';
import { type ProfileSet, widens } from '../authority/index.ts';
import type { ServerLog } from './server-event.ts';
import type { AuthoritySettings } from './settings/authority-settings.ts';
import { ownListOf } from './settings/crl-settings.ts';
import { toProfileSet } from './settings/profiles-section.ts';

export interface ProfileSource extends Source<ProfileSet> {
  /** For the audit log: which profiles are in force, also those of a file that changed while nothing ran. */
  facts(): AuditFacts;
  close(): void;
}

export interface ProfileSourceParts {
  readonly settings: Source<AuthoritySettings>;
  readonly audit: Pick<AuditJournal, 'append'>;
  readonly clock: Clock;
  readonly log: ServerLog;
}

export function profileSource({ settings, audit, clock, log }: ProfileSourceParts): ProfileSource {
  let written = textOf(settings.current());
  const source = new MutableSource(profilesOf(settings.current()));
  const facts = (): AuditFacts => ({
    profiles: source.current().profiles.map(({ name }) => name),
    profilesSha256: sha256Hex(new TextEncoder().encode(written)),
  });
  const record = async (wider: readonly string[]): Promise<void> => {
    const actor = { kind: 'authority', name: '' } as const;
    try {
      await audit.append([
        auditEvent('profile.swap', { atMs: clock.now(), actor, facts: { ...facts(), widens: wider } }),
      ]);
    } catch (error) {
      log({ event: 'failed', what: 'recording that profiles have changed', why: String(error) });
    }
  };
  const close = settings.watch((next) => {
    // Another section has changed.
    if (textOf(next) === written) return;
    written = textOf(next);
    const [before, after] = [source.current(), profilesOf(next)];
    source.set(after);
    const wider = widens(before, after).map(({ profile, allows }) => `${profile}: ${allows}`);
    log({ event: 'profiles', names: after.profiles.map(({ name }) => name), widens: wider });
    void record(wider);
  });
  return { current: () => source.current(), watch: (listener) => source.watch(listener), facts, close };
}

function profilesOf(settings: AuthoritySettings): ProfileSet {
  return toProfileSet(settings.profiles, ownListOf(settings));
}

/** Where the authority's own lists are is part of every profile that says so. */
function textOf(settings: AuthoritySettings): string {
  const { profiles = {} } = settings;
  const ownList = ownListOf(settings);
  return JSON.stringify(ownList === undefined ? profiles : { profiles, ownList });
}
