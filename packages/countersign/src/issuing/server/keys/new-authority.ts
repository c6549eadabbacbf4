/** The folder of keys of a new authority under a root of its own. */
import { encodePem } from '../../../ground/encoding/index.ts';
import type { OwnHierarchy } from '../../authority/index.ts';
import { keyText } from './key-file.ts';
import { keyFiles, type KeySettings } from './key-files.ts';
import type { FolderContents } from './key-folder.ts';
import type { GivenPassphrase } from './passphrases.ts';

export function hierarchyContents(
  { root, issuer }: OwnHierarchy,
  settings: KeySettings,
  passphrase: GivenPassphrase | undefined,
): FolderContents {
  return {
    [keyFiles.anchor]: encodePem('CERTIFICATE', root.certificate.raw),
    [keyFiles.rootKey]: keyText(root.privateKey, passphrase),
    [keyFiles.issuer]: encodePem('CERTIFICATE', issuer.certificate.raw),
    [keyFiles.issuerKey]: keyText(issuer.privateKey, passphrase),
    [keyFiles.settings]: settingsText(settings),
  };
}

export function settingsText(settings: KeySettings): string {
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
