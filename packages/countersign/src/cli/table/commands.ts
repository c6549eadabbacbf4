/** The table of commands, in the order in which help shows them. */
import { administratorAdd } from './administrator-add.ts';
import { authorityApprove, authorityProposals, authorityReject } from './authority-approvals.ts';
import { authorityAuditErase } from './authority-audit-erase.ts';
import { authorityAuditExport } from './authority-audit-export.ts';
import { authorityAuditList } from './authority-audit-list.ts';
import { authorityAuditVerify } from './authority-audit-verify.ts';
import {
  authorityCeremonyAccept,
  authorityCeremonyList,
  authorityCeremonyRequest,
  authorityCeremonyRoot,
  authorityCeremonySign,
  authorityPublishCrl,
  authorityRootExport,
} from './authority-ceremony.ts';
import { authorityCreate } from './authority-create.ts';
import { authorityExportCrl } from './authority-export-crl.ts';
import { authorityExportOcsp } from './authority-export-ocsp.ts';
import { authorityImport } from './authority-import.ts';
import { authorityPassphrase } from './authority-passphrase.ts';
import { bench } from './bench.ts';
import type { Command } from './command.ts';
import { authorityBackup } from './authority-backup.ts';
import { authorityBackupVerify } from './authority-backup-verify.ts';
import { authorityRestore } from './authority-restore.ts';
import { demo } from './demo.ts';
import { configCheck, configDiff, configTest, gateway } from './gateway.ts';
import { doctorPartners } from './doctor-partners.ts';
import { help } from './help.ts';
import { hold, release } from './hold.ts';
import { inspect } from './inspect.ts';
import { issue } from './issue.ts';
import { join, partnerCommands } from './partner.ts';
import { list } from './list.ts';
import { profileList } from './profile-list.ts';
import { profileRenewals } from './profile-renewals.ts';
import { profileShow } from './profile-show.ts';
import { profileTest } from './profile-test.ts';
import { renew } from './renew.ts';
import { revoke } from './revoke.ts';
import { run } from './run.ts';
import { status } from './status.ts';
import { token } from './token.ts';
import { tokenClientCommands } from './token-client.ts';
import { up } from './up.ts';
import { verify } from './verify.ts';

const profileCommands: readonly Command[] = [profileList, profileShow, profileTest, profileRenewals];

export const commands: readonly Command[] = [
  demo,
  up,
  run,
  gateway,
  token,
  issue,
  join,
  renew,
  revoke,
  hold,
  release,
  list,
  administratorAdd,
  authorityProposals,
  authorityApprove,
  authorityReject,
  authorityBackup,
  authorityBackupVerify,
  authorityRestore,
  ...partnerCommands,
  ...tokenClientCommands,
  ...profileCommands,
  status,
  authorityAuditList,
  authorityAuditVerify,
  authorityAuditExport,
  authorityAuditErase,
  authorityExportOcsp,
  authorityCreate,
  authorityImport,
  authorityPassphrase,
  authorityExportCrl,
  authorityRootExport,
  authorityCeremonyRoot,
  authorityCeremonyRequest,
  authorityCeremonySign,
  authorityCeremonyAccept,
  authorityCeremonyList,
  authorityPublishCrl,
  configCheck,
  configDiff,
  configTest,
  inspect,
  verify,
  doctorPartners,
  bench,
  help,
];
