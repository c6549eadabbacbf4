/** The table of commands, in the order in which help shows them. */
import type { Command } from './command.ts';
import { authorityBackup } from './authority-backup.ts';
import { authorityBackupVerify } from './authority-backup-verify.ts';
import { authorityRestore } from './authority-restore.ts';
import { demo } from './demo.ts';
import { help } from './help.ts';
import { inspect } from './inspect.ts';
import { issue } from './issue.ts';
import { list } from './list.ts';
import { renew } from './renew.ts';
import { revoke } from './revoke.ts';
import { run } from './run.ts';
import { token } from './token.ts';
import { up } from './up.ts';
import { verify } from './verify.ts';

export const commands: readonly Command[] = [
  demo,
  up,
  run,
  token,
  issue,
  renew,
  revoke,
  list,
  authorityBackup,
  authorityBackupVerify,
  authorityRestore,
  inspect,
  verify,
  help,
];
