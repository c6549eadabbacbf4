/** `authority backup`: keys, settings and a snapshot of the database in one encrypted file. */
import { resolve } from 'node:path';

import { toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { writeBackup } from '../../runtime/backup/index.ts';
import { checkDatabase } from '../../store/sqlite/index.ts';
import { databaseName, filesToBackUp, issuerNow } from '../backup/files-to-back-up.ts';
import { newBackupPassphrase } from '../backup/passphrase-option.ts';
import { snapshotOf } from '../backup/snapshot-of.ts';
import type { Call } from '../call.ts';
import { stateDirectoryOf } from '../local-authority.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const dir = stateDirectoryOf(call);
  const out = resolve(world.workingDirectory, options.needed('out'));
  const passphrase = await newBackupPassphrase(call, out);
  output.progress('copying the database');
  const issuer = await issuerNow(dir);
  const snapshot = await snapshotOf(call, dir);
  try {
    output.progress('checking the copy');
    const facts = checkDatabase(snapshot.file);
    const keys = await filesToBackUp(dir);
    if (keys.length === 0) throw new Refusal('CS-BACKUP-005', { file: dir, rule: 'the keys of an authority' });
    // A new issuer of which the copy's audit log does not tell would be refused when the restored authority starts.
    if ((await issuerNow(dir)) !== issuer)
      throw new Refusal('CS-BACKUP-005', { file: dir, rule: 'keys and database of one time' });
    const { files } = await writeBackup({
      out,
      passphrase,
      createdAtMs: snapshot.createdAtMs,
      files: [...keys, { path: databaseName, source: snapshot.file }],
      progress: (done, of) => output.progress(`writing ${percent(done, of)}`),
    });
    const { certificates, revocations } = facts;
    const createdAt = toRfc3339(snapshot.createdAtMs);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    output.say(
      [
        ` backed up ${String(certificates)} certificates, ${String(revocations)} revocations, ${String(files.length)} files`,
        `   as of ${createdAt}, ${snapshot.online ? 'while it served' : 'while nobody served from it'}; encrypted in`,
        `   ${out}`,
      ].join('\n'),
    );
    output.hint(' verify it where it is kept: countersign authority backup verify FILE');
    output.result({
      file: out,
      createdAt,
      certificates,
      revocations,
      files: files.length,
      bytes,
      online: snapshot.online,
    });
    return 0;
  } finally {
    await snapshot.remove();
  }
}

function percent(done: number, of: number): string {
  return `${String(of === 0 ? 100 : Math.floor((done / of) * 100))} %`;
}
