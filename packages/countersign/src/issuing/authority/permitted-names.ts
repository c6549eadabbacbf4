/** The constraints on names that stand above an issuer: what is outside of them is not certified, since nobody would take it. */
import { isIP } from 'node:net';

import { Refusal } from '../../ground/errors/index.ts';
import { constrainedName, type NamesInQuestion } from '../../identity/x509/index.ts';
import type { IssuerFacts } from './key-certificate.ts';

/** @throws CS-ISSUER-001 at the first name that may not be certified (RFC 5280, 4.2.1.10) */
export function requirePermittedNames(names: NamesInQuestion, { constrainedBy }: IssuerFacts): void {
  for (const { issuer, constraints } of constrainedBy) {
    const refused = constrainedName(constraints, names);
    if (refused !== undefined) throw new Refusal('CS-ISSUER-001', { ...refused, issuer });
  }
}

/** Of one DNS name or IP address. */
export function isPermitted(name: string, { constrainedBy }: IssuerFacts): boolean {
  const subjectAltName = isIP(name) === 0 ? { dns: [name] } : { ip: [name] };
  return constrainedBy.every(({ constraints }) => constrainedName(constraints, { subjectAltName }) === undefined);
}

/** Then certificates have no subject: a common name would be one more name that must be permitted. */
export function constrainsSubjects({ constrainedBy }: IssuerFacts): boolean {
  return constrainedBy.some(
    ({ constraints: { permitted, excluded } }) => permitted.directory.length > 0 || excluded.directory.length > 0,
  );
}
