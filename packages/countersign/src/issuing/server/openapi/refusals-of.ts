/** Which refusals a route can answer with: those of its kind of caller, those of every request, and its own. */
import { type RefusalCode, registry } from '../../../ground/errors/index.ts';
import { localFeed } from '../../../runtime/api/index.ts';
import type { Route } from '../route.ts';

const every: readonly RefusalCode[] = ['CS-ACCESS-006', 'CS-ACCESS-009', 'CS-STORE-002'];

const withBody: readonly RefusalCode[] = ['CS-ACCESS-005'];

/** Those of a certificate that does not count; the words of each stand in the registry. */
const ofCertificates: readonly RefusalCode[] = [...registry.keys()].filter(
  (code): code is RefusalCode => code.startsWith('CS-PEER-') && code !== 'CS-PEER-001',
);

const ofAdministrators: readonly RefusalCode[] = [
  ...ofCertificates,
  ...(['CS-ACCESS-001', 'CS-ACCESS-002', 'CS-ACCESS-003', 'CS-ACCESS-011', 'CS-ACCESS-012'] as const),
];

/** Names, life, key and the clock: whatever issues can refuse for these. */
const ofIssuing: readonly RefusalCode[] = [
  ...(['CS-AUTHORITY-001', 'CS-AUTHORITY-002', 'CS-AUTHORITY-003', 'CS-AUTHORITY-004', 'CS-AUTHORITY-005'] as const),
  ...(['CS-AUTHORITY-006', 'CS-AUTHORITY-008', 'CS-PEM-001', 'CS-PEM-002', 'CS-X509-001', 'CS-X509-002'] as const),
  ...(['CS-ENROLL-001', 'CS-RENEW-002', 'CS-RENEW-010', 'CS-PROFILE-002'] as const),
];

const ofRenewing: readonly RefusalCode[] = [
  ...ofIssuing,
  ...(['CS-RENEW-001', 'CS-RENEW-006', 'CS-RENEW-007', 'CS-RENEW-008', 'CS-RENEW-009'] as const),
];

/** What an answer to an issuer's request can be refused for. */
const ofIssuers: readonly RefusalCode[] = [
  ...(['CS-ISSUER-002', 'CS-ISSUER-003', 'CS-ISSUER-004', 'CS-ISSUER-005', 'CS-ISSUER-006'] as const),
  ...(['CS-ISSUER-007', 'CS-ISSUER-008', 'CS-ISSUER-010', 'CS-PEM-001', 'CS-PEM-002'] as const),
  ...(['CS-X509-001', 'CS-X509-002', 'CS-STATE-002'] as const),
];

const ofApproving: readonly RefusalCode[] = ['CS-APPROVAL-001', 'CS-APPROVAL-003'];

const ofRevoking: readonly RefusalCode[] = ['CS-REVOKE-001', 'CS-REVOKE-002', 'CS-REVOKE-004', 'CS-REVOKE-005'];

const own: Readonly<Record<string, readonly RefusalCode[]>> = {
  '/v1/enroll': [
    ...ofIssuing,
    ...(['CS-TOKEN-001', 'CS-TOKEN-002', 'CS-TOKEN-003', 'CS-TOKEN-004', 'CS-TOKEN-005'] as const),
    ...(['CS-TOKEN-007', 'CS-PROFILE-001'] as const),
  ],
  '/v1/renew': ofRenewing,
  '/v1/renew-expired': [...ofRenewing, 'CS-RENEW-003', 'CS-RENEW-004', 'CS-RENEW-005'],
  '/v1/feed': ['CS-ACCESS-008'],
  '/v1/feed/acknowledgements': ['CS-ACCESS-007'],
  [localFeed.path]: ['CS-ACCESS-008'],
  [localFeed.acknowledge.path]: ['CS-ACCESS-007'],
  '/v1/tokens': ['CS-AUTHORITY-003', 'CS-AUTHORITY-004', 'CS-PROFILE-001', 'CS-TOKEN-006'],
  '/v1/revocations': ofRevoking,
  '/v1/revocations/previews': ofRevoking,
  '/v1/holds': ['CS-REVOKE-001'],
  '/v1/holds/releases': ['CS-REVOKE-003'],
  '/v1/administrators': ['CS-ADMIN-003', 'CS-TOKEN-006'],
  '/v1/issuers': ofIssuers,
  '/v1/proposals/approvals': [
    ...ofApproving,
    ...ofIssuers,
    ...(['CS-APPROVAL-002', 'CS-APPROVAL-004', 'CS-ADMIN-001', 'CS-ADMIN-003'] as const),
  ],
  '/v1/proposals/rejections': ofApproving,
  '/v1/partners': ['CS-PARTNER-004'],
  '/v1/partners/certificates': [
    ...ofIssuing,
    ...(['CS-TOKEN-002', 'CS-TOKEN-003', 'CS-TOKEN-005', 'CS-TOKEN-007'] as const),
    ...(['CS-PARTNER-004', 'CS-PARTNER-006', 'CS-PARTNER-008', 'CS-PARTNER-009'] as const),
  ],
  '/v1/partners/renewals': [...ofRenewing, 'CS-PARTNER-004', 'CS-PARTNER-006'],
  '/v1/partners/followers': ['CS-ACCESS-008', 'CS-PARTNER-011'],
  '/v1/partners/invitations': [
    ...(['CS-AUTHORITY-003', 'CS-AUTHORITY-004', 'CS-TOKEN-006'] as const),
    ...(['CS-PARTNER-001', 'CS-PARTNER-005', 'CS-PARTNER-006'] as const),
  ],
  '/v1/partners/suspensions': ['CS-PARTNER-004'],
  '/v1/partners/resumptions': ['CS-PARTNER-004', 'CS-PARTNER-007', 'CS-REVOKE-003'],
  '/v1/partners/removals': ['CS-PARTNER-004'],
};

export function refusalsOf({ method, path, who }: Pick<Route, 'method' | 'path' | 'who'>): readonly RefusalCode[] {
  const codes = [...every, ...(method === 'POST' ? withBody : []), ...ofCaller(who), ...(own[path] ?? [])];
  return [...new Set(codes)].sort();
}

function ofCaller(who: Route['who']): readonly RefusalCode[] {
  if (who === 'anybody' || who === 'token' || who === 'proof') return [];
  return who === 'peer' ? [...ofCertificates, 'CS-ACCESS-001'] : ofAdministrators;
}
