/** The settings of an authority as a source: read at the start, read again when asked, and the last good ones kept where the new ones are not. */
import { isRefusal } from '../../../ground/errors/index.ts';
import { readSettingsFile } from '../../../runtime/config/index.ts';
import { MutableSource, type Source } from '../../../runtime/tls/index.ts';
import { type AuthoritySettings, authoritySettings } from './authority-settings.ts';

export interface SettingsSource extends Source<AuthoritySettings> {
  readonly path: string;
  /** Reads the file again; where it is refused nothing has changed. */
  reload(): Promise<void>;
}

/** @param required whether the file must exist: it was named, rather than looked for */
export async function openSettings(path: string, required: boolean): Promise<SettingsSource> {
  const read = async (): Promise<AuthoritySettings> => {
    try {
      return await readSettingsFile(path, authoritySettings);
    } catch (error) {
      if (!required && isRefusal(error) && error.code === 'CS-FILE-001') return {};
      throw error;
    }
  };
  const source = new MutableSource(await read());
  return {
    path,
    current: () => source.current(),
    watch: (listener) => source.watch(listener),
    reload: async () => source.set(await read()),
  };
}
