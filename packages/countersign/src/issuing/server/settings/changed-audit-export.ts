/** What a change of the settings does to where the audit log is sent: whoever could do that alone could keep what he does from those who watch, or show it to others. */
import type { Widened, Widens } from '../approval/settings-gate.ts';

export const changedAuditExport: Widens = (before, after) => {
  const [sent, will] = [before.audit?.export ?? [], after.audit?.export ?? []];
  const decide = (what: string): Widened => ({ role: 'root', what });
  return [
    ...missing(sent, will).map((address) => decide(`the audit log is no longer sent to ${address}`)),
    // A receiver reads what an auditor reads, and that role takes two persons as well.
    ...missing(will, sent).map((address) => decide(`the audit log is sent to ${address}, with all that it says`)),
  ];
};

/** By the address as it is written: another spelling is another receiver, which begins at the first entry. */
function missing(from: readonly string[], to: readonly string[]): readonly string[] {
  return [...new Set(from)].filter((address) => !to.includes(address));
}
