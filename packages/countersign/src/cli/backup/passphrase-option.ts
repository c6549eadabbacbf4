/** How the passphrase of a backup is given: as that of a key, under names of its own. */
import { Refusal } from '../../ground/errors/index.ts';
import type { Call } from '../call.ts';
import { PassphraseSource } from '../input/passphrase.ts';
import type { Option } from '../table/command.ts';

export const backupPassphraseVariable = 'COUNTERSIGN_BACKUP_PASSPHRASE';

export const backupPassphraseOption: Option = {
  name: 'passphrase-file',
  kind: 'path',
  value: 'FILE',
  summary: "whose first line is the backup's passphrase; - reads stdin",
  default: `${backupPassphraseVariable}, else asked for on a terminal`,
};

/** Twelve characters: below that scrypt alone must hold against who has the file. Own choice; a generated one has more. */
const leastCharacters = 12;

export async function backupPassphrase(call: Call, file: string): Promise<string> {
  const given = await source(call).passphrase(file);
  if (given === undefined || given === '') throw new Refusal('CS-BACKUP-007', { rule: 'a passphrase' });
  return given;
}

/** For a new backup; typed twice, since nothing opens it with another. */
export async function newBackupPassphrase(call: Call, file: string): Promise<string> {
  const given = await backupPassphrase(call, file);
  if (given.length < leastCharacters)
    throw new Refusal('CS-BACKUP-007', { rule: `a passphrase of at least ${String(leastCharacters)} characters` });
  if (isAsked(call)) {
    const again = await source(call).passphrase(`${file}, again`);
    if (again !== given) throw new Refusal('CS-BACKUP-007', { rule: 'the same passphrase typed twice' });
  }
  return given;
}

function source({ options, world }: Call): PassphraseSource {
  return new PassphraseSource(options.text('passphrase-file'), world, backupPassphraseVariable);
}

function isAsked({ options, world }: Call): boolean {
  return options.text('passphrase-file') === undefined && world.env[backupPassphraseVariable] === undefined;
}
