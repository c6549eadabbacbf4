/** The decision about a path: which answer of which check counts, under hard and soft failing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../../ground/errors/index.ts';
import type { CertificateStatus, StatusCheck, StatusQuestion } from '../trust/status-check.ts';
import { askChecks, decidePathStatus, type Undetermined } from './path-status.ts';

const at = Date.UTC(2026, 5, 1);
const dark = new Refusal('CS-OCSP-010', { url: 'http://ocsp.test/', why: 'no answer' });
const told = (reason: string): Refusal =>
  new Refusal('CS-CRL-002', {
    subject: 'web',
    serialNumber: '0A',
    revokedAt: '2026-05-01T00:00:00Z',
    reason,
    list: 'a.crl',
    thisUpdate: '2026-05-02T00:00:00Z',
  });

const good = (ms = 1_000): CertificateStatus => ({ status: 'good', freshUntil: at + ms });
const revoked: CertificateStatus = { status: 'revoked', refusal: told('keyCompromise') };
const unknown: CertificateStatus = { status: 'undetermined', refusal: dark };
const wasRevoked: CertificateStatus = { status: 'undetermined', refusal: dark, lastKnown: 'revoked' };
const none: CertificateStatus = { status: 'notCovered' };

function decided(answers: readonly (readonly CertificateStatus[])[], undetermined: Undetermined): string {
  const serialNumbers = (answers[0] ?? [none]).map((_, place) => `0${String(place)}`);
  const status = decidePathStatus(answers, { peer: 'web', serialNumbers, undetermined });
  if (status.outcome !== 'stands')
    return `${status.refusal.code} of ${String(status.refusal.evidence['serialNumber'])}`;
  const left = status.freshUntil === Number.POSITIVE_INFINITY ? 'ever' : String(status.freshUntil - at);
  return `for ${left}${status.open === undefined ? '' : `, open: ${status.open.code}`}`;
}

const table: readonly [string, readonly (readonly CertificateStatus[])[], string, string?][] = [
  ['nothing is asked', [], 'for ever'],
  ['nothing covers it', [[none], [none]], 'for ever'],
  ['good', [[good()]], 'for 1000'],
  ['good by one, not covered by the other', [[none], [good()]], 'for 1000'],
  ['good by one, not known to the other', [[unknown], [good()]], 'for 1000'],
  ['good by one, known as revoked to another that is out of date', [[wasRevoked], [good()]], 'for 1000'],
  ['good by two: the longer one', [[good(1_000)], [good(5_000)]], 'for 5000'],
  ['revoked', [[revoked]], 'CS-PEER-008 of 00'],
  ['revoked by one, good by another', [[good()], [revoked]], 'CS-PEER-008 of 00'],
  ['on hold', [[{ status: 'revoked', refusal: told('certificateHold') }]], 'CS-PEER-020 of 00'],
  ['not known', [[unknown]], 'CS-PEER-021 of 00', 'for ever, open: CS-PEER-021'],
  ['not known to all', [[unknown], [none], [unknown]], 'CS-PEER-021 of 00', 'for ever, open: CS-PEER-021'],
  ['known as revoked last', [[unknown], [wasRevoked]], 'CS-PEER-021 of 00', 'CS-PEER-021 of 00'],
  ['two good certificates: the shorter one', [[good(5_000), good(2_000)]], 'for 2000'],
  ['the issuer is not known', [[good(), unknown]], 'CS-PEER-021 of 01', 'for 1000, open: CS-PEER-021'],
  ['the issuer is revoked, the leaf not known', [[unknown, revoked]], 'CS-PEER-008 of 01'],
  ['the issuer is covered by nobody', [[good(), none]], 'for 1000'],
  [
    'one check for each',
    [
      [good(), none],
      [none, good(500)],
    ],
    'for 500',
  ],
];

for (const [what, answers, hard, soft = hard] of table)
  test(`${what}: ${hard === soft ? hard : `${hard}, softly ${soft}`}`, () => {
    assert.equal(decided(answers, 'refuse'), hard);
    assert.equal(decided(answers, 'letInUnlessKnownRevoked'), soft);
  });

test('a check that throws, or answers something else than it was asked, knows nothing', () => {
  const question = { path: { certificates: [{}, {}] }, trustDomain: 'test.internal', at } as unknown as StatusQuestion;
  const asking = (ask: () => unknown): CertificateStatus | undefined =>
    askChecks([{ ask } as unknown as StatusCheck], question)[0]?.[0];
  const wrong: readonly (() => unknown)[] = [
    () => {
      throw new Error('out of order');
    },
    () => undefined,
    () => [],
    () => [good(), good()],
    () => ['good'],
    () => [undefined],
    () => [{ status: 'fine' }],
    () => [{ status: 'good' }],
    () => [{ status: 'good', freshUntil: Number.NaN }],
    () => [good(0)],
    () => [{ status: 'undetermined' }],
    () => Promise.resolve([good()]),
  ];
  for (const ask of wrong) {
    const said = asking(ask);
    assert.equal(said?.status, 'undetermined', String(ask));
    assert.equal(said.refusal.code, 'CS-PEER-021');
  }
  assert.equal(asking(() => [{ status: 'revoked' }])?.status, 'revoked', 'without a reason, too');
  assert.deepEqual(
    asking(() => [good()]),
    good(),
  );
});
