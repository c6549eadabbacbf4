/** What people read of the means that endpoints ask beside the feed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AuthorityStatus } from '../../runtime/api/index.ts';
import { plain } from '../output/paint.ts';
import { statusText } from './status-text.ts';

const status: AuthorityStatus = {
  url: 'https://127.0.0.1:8440',
  root: 'ab'.repeat(16),
  trustDomain: 'dev.internal',
  pid: 7,
  persons: { issuer: 1, root: 1 },
  feedNumber: 3,
  endpoints: { subscribed: 2, leased: 2, behind: 0 },
};

/** Without the breaks of its lines. */
function textOf(more: Partial<AuthorityStatus>): string {
  const text = statusText({ ...status, ...more }, '/state', Date.UTC(2026, 0, 1), plain);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  return text.replaceAll(/\s+/g, ' ');
}

test('each endpoint that asks lists or responders is shown with them and its worst case, and the worst over all', () => {
  const endpointMeans: AuthorityStatus['endpointMeans'] = {
    reporting: 3,
    endpoints: [
      {
        ...{ name: 'spiffe://dev.internal/web', endpoint: 'webA0000aaaa0000', undetermined: 'letInUnlessKnownRevoked' },
        sources: [{ means: 'ocsp', source: 'http://ocsp.corp.example', failure: 'CS-OCSP-021' }],
      },
      {
        ...{ name: 'spiffe://dev.internal/db', endpoint: 'dbB00000aaaa0000', undetermined: 'refuse' },
        sources: [
          {
            ...{ means: 'crl', source: '/etc/corp.crl', issuer: 'CN=Corp' },
            ...{ thisUpdate: '2026-01-01T00:00:00Z', worstSeconds: 600 },
          },
        ],
        worstSeconds: 600,
      },
    ],
  };
  const text = textOf({ endpointMeans });
  for (const part of [
    'beside it 3 ask lists or responders too: revoked there after no bounded time; 1 of shorter exposure are not shown',
    'spiffe://dev.internal/web (webA0000): after no bounded time, since whoever nothing is known of is let in',
    '- OCSP http://ocsp.corp.example: never came; not fetched lately (CS-OCSP-021)',
    'spiffe://dev.internal/db (dbB00000): within 600 s at worst',
    '- CRL /etc/corp.crl of CN=Corp: of 2026-01-01T00:00:00Z, within 600 s at worst',
  ])
    assert.ok(text.includes(part), `${part}\n${text}`);
});

test('where nobody tells of such means, nothing is said of them', () => {
  assert.ok(!textOf({}).includes('beside it'));
});
