/** The profiles as a source: those of the settings, all of the new ones at once where they change. */
import { MutableSource, type Source } from '../../runtime/tls/index.ts';
import { type ProfileSet, type Widening, widens } from '../authority/index.ts';
import type { AuthoritySettings } from './settings/authority-settings.ts';
import { toProfileSet } from './settings/profiles-section.ts';

export interface ProfileSwap {
  readonly before: ProfileSet;
  readonly after: ProfileSet;
  /** What is allowed from now on that was not before; empty where nothing is. */
  readonly widens: readonly Widening[];
}

export interface ProfileSource extends Source<ProfileSet> {
  close(): void;
}

/** @param onSwap told of each change, after it: the settings were read whole and are sound */
export function profileSource(settings: Source<AuthoritySettings>, onSwap: (swap: ProfileSwap) => void): ProfileSource {
  let written = JSON.stringify(settings.current().profiles ?? {});
  const source = new MutableSource(toProfileSet(settings.current().profiles));
  const close = settings.watch(({ profiles }) => {
    const text = JSON.stringify(profiles ?? {});
    // Another section has changed.
    if (text === written) return;
    written = text;
    const [before, after] = [source.current(), toProfileSet(profiles)];
    source.set(after);
    onSwap({ before, after, widens: widens(before, after) });
  });
  return { current: () => source.current(), watch: (listener) => source.watch(listener), close };
}
