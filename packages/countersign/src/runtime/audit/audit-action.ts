/** The actions that the log tells of. One that was released keeps its name and its meaning for good: old entries carry it. */

export const auditActions = [
  'access-token.key',
  'access-token.revoke',
  'administrator.add',
  'administrator.remove',
  'approval.ask',
  'approval.give',
  'approval.refuse',
  'audit.export',
  'authority.create',
  'authority.start',
  'authority.stop',
  'backup.create',
  'backup.restore',
  'certificate.hold',
  'certificate.issue',
  'certificate.learn',
  'certificate.release',
  'certificate.revoke',
  'certificate.void',
  'issuer.import',
  'issuer.rotate',
  'keys.encrypt',
  'partner.invite',
  'partner.remove',
  'partner.resume',
  'partner.suspend',
  'personal.erase',
  'profile.swap',
  'root.export',
  'settings.swap',
  'store.check',
  'store.repair',
  'store.tidy',
  // Of earlier versions: the use of a token is told with the certificate since.
  'token.claim',
  'token.create',
  'token-client.add',
  'token-client.remove',
] as const;

/** Those that tell of an issuer: used from a start on, or taken in for the next. */
export const issuerActions: readonly AuditAction[] = ['authority.start', 'issuer.import', 'issuer.rotate'];

export type AuditAction = (typeof auditActions)[number];

export function isAuditAction(text: string): text is AuditAction {
  return auditActions.some((action) => action === text);
}
