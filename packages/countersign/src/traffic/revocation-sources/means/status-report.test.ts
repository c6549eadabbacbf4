/** What is held of lists and responders, as the authority is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Refusal } from '../../../ground/errors/index.ts';
import { acknowledgeFeed } from '../../../runtime/api/index.ts';
import type { StatusEvidence } from '../../../runtime/tls/index.ts';
import { reportOf } from './status-report.ts';

const list: StatusEvidence = {
  ...{ means: 'crl', source: '/etc/corp.crl', issuer: 'CN=Corp' },
  ...{ thisUpdate: Date.UTC(2026, 0, 1), nextUpdate: undefined, freshUntil: Number.POSITIVE_INFINITY },
  ...{ fetchedAt: 1, nextFetchAt: 2, failure: undefined },
};

test('of many sources those that are relied upon for longest are told, in a form that the authority takes', () => {
  const hour = (hours: number): StatusEvidence => ({
    ...{ ...list, source: `${'x'.repeat(300)}\u001b`, freshUntil: Date.UTC(2026, 0, 1, hours) },
  });
  const failure = new Refusal('CS-OCSP-021', { serial: '01', url: 'http://ocsp.corp.example' });
  const absent: StatusEvidence = { ...list, thisUpdate: undefined, freshUntil: undefined, failure };
  const evidence = [absent, ...Array.from({ length: 20 }, (_, hours) => hour(hours)), list];
  const report = reportOf(evidence, 'refuse');
  assert.deepEqual(
    report.sources.map(({ freshUntil }) => freshUntil?.slice(11, 13)),
    [undefined, ...Array.from({ length: 15 }, (_, place) => String(19 - place).padStart(2, '0'))],
  );
  const small = reportOf([absent, { ...list, source: 'a\u001b' }], 'refuse');
  assert.deepEqual(
    small.sources.map(({ source, thisUpdate, failure: code }) => [source, thisUpdate === undefined, code]),
    [
      ['a?', false, undefined],
      ['/etc/corp.crl', true, 'CS-OCSP-021'],
    ],
  );
  for (const means of [report, small])
    acknowledgeFeed.request.parse({ endpoint: 'web0000000000000', number: 1, closed: 0, means });
});
