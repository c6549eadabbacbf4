/** The code of a command, loaded when it is called: help need not wait for TLS and databases. */
import type { Call } from './call.ts';

/** @returns the exit status */
export type RunCommand = (call: Call) => Promise<number>;

const loaders: Readonly<Record<string, () => Promise<{ readonly run: RunCommand }>>> = {
  demo: () => import('./commands/demo.ts'),
  up: () => import('./commands/up.ts'),
  run: () => import('./commands/run.ts'),
  gateway: () => import('./commands/gateway.ts'),
  'config check': () => import('./commands/config-check.ts'),
  'config diff': () => import('./commands/config-diff.ts'),
  'config test': () => import('./commands/config-test.ts'),
  token: () => import('./commands/token.ts'),
  issue: () => import('./commands/issue.ts'),
  renew: () => import('./commands/renew.ts'),
  revoke: () => import('./commands/revoke.ts'),
  hold: () => import('./commands/hold.ts'),
  release: () => import('./commands/release.ts'),
  status: () => import('./commands/status.ts'),
  list: () => import('./commands/list.ts'),
  join: () => import('./commands/join.ts'),
  'partner invite': () => import('./commands/partner-invite.ts'),
  'partner list': () => import('./commands/partner-list.ts'),
  'partner show': () => import('./commands/partner-show.ts'),
  'partner suspend': () => import('./commands/partner-suspend.ts'),
  'partner resume': () => import('./commands/partner-resume.ts'),
  'partner remove': () => import('./commands/partner-remove.ts'),
  'partner evidence': () => import('./commands/partner-evidence.ts'),
  'token client add': () => import('./commands/token-client-add.ts'),
  'token client list': () => import('./commands/token-client-list.ts'),
  'token client remove': () => import('./commands/token-client-remove.ts'),
  'administrator add': () => import('./commands/administrator-add.ts'),
  'authority proposals': () => import('./commands/authority-proposals.ts'),
  'authority approve': () => import('./commands/authority-approve.ts'),
  'authority reject': () => import('./commands/authority-reject.ts'),
  'authority backup': () => import('./commands/authority-backup.ts'),
  'authority backup verify': () => import('./commands/authority-backup-verify.ts'),
  'authority restore': () => import('./commands/authority-restore.ts'),
  'profile list': () => import('./commands/profile-list.ts'),
  'profile show': () => import('./commands/profile-show.ts'),
  'profile test': () => import('./commands/profile-test.ts'),
  'profile renewals': () => import('./commands/profile-renewals.ts'),
  'authority export-ocsp': () => import('./commands/authority-export-ocsp.ts'),
  'authority create': () => import('./commands/authority-create.ts'),
  'authority import': () => import('./commands/authority-import.ts'),
  'authority export-crl': () => import('./commands/authority-export-crl.ts'),
  'authority root export': () => import('./commands/authority-root-export.ts'),
  'authority ceremony root': () => import('./commands/authority-ceremony-root.ts'),
  'authority ceremony list': () => import('./commands/authority-ceremony-list.ts'),
  'authority publish-crl': () => import('./commands/authority-publish-crl.ts'),
  'authority ceremony request': () => import('./commands/authority-ceremony-request.ts'),
  'authority ceremony sign': () => import('./commands/authority-ceremony-sign.ts'),
  'authority ceremony accept': () => import('./commands/authority-ceremony-accept.ts'),
  'authority passphrase': () => import('./commands/authority-passphrase.ts'),
  inspect: () => import('./commands/inspect.ts'),
  verify: () => import('./commands/verify.ts'),
  'doctor partners': () => import('./commands/doctor-partners.ts'),
  bench: () => import('./commands/bench.ts'),
  'authority audit list': () => import('./commands/authority-audit-list.ts'),
  'authority audit verify': () => import('./commands/authority-audit-verify.ts'),
  'authority audit export': () => import('./commands/authority-audit-export.ts'),
  'authority audit erase': () => import('./commands/authority-audit-erase.ts'),
  help: () => import('./commands/help.ts'),
};

/** @param name of a command of the table */
export async function loadCommand(name: string): Promise<RunCommand> {
  const load = loaders[name];
  if (load === undefined) throw new TypeError(`no code for the command ${name}`);
  return (await load()).run;
}
