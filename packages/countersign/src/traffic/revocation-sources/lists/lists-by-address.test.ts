import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issuer, root, service } from '../../../../../../tests/fixtures/asked-lists.ts';
import { hourMs, makeIssuer, makeService, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import { startPublisher } from '../../../../../../tests/fixtures/list-publisher.ts';
import { issuerKey, liveLists, question } from '../../../../../../tests/fixtures/live-lists.ts';
import { entryFor, type ListRecipe, makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import type { CertificateList } from '../../../identity/x509/index.ts';

const minuteMs = 60_000;

/** Of the issuer: an hour old and good for eleven more. */
function next(number: number, more: ListRecipe = {}): CertificateList {
  return makeList(issuer, { number, nextUpdate: testMoment + 11 * hourMs, ...more });
}

test('a list is fetched at once and again ahead of its end, and what is on it since is revoked and told', async (t) => {
  const publisher = await startPublisher(t, next(1, { nextUpdate: testMoment + hourMs }));
  const live = await liveLists(t, { sources: [{ url: publisher.url }] });
  assert.equal(live.answer(), 'good');
  assert.deepEqual(live.changes, [{ kind: 'issuers', issuerKeys: [issuerKey] }]);
  const [held] = live.lists.evidence();
  assert.equal(held?.issuer, 'CN=test issuer');
  assert.equal(held.freshUntil, testMoment + hourMs);
  // Of the hour that is left two thirds, less an eighth of them.
  assert.equal(held.nextFetchAt, testMoment + (hourMs * 2 * 7) / (3 * 8));
  publisher.given = next(2, { thisUpdate: testMoment, revoked: [entryFor(service)] });
  await live.pass(30 * minuteMs);
  assert.equal(live.answer(), 'good');
  await live.pass(6 * minuteMs);
  assert.equal(live.answer(), 'revoked');
  assert.equal(live.changes.length, 2);
  assert.deepEqual(live.codes(), []);
});

test('what did not change is not sent again, and changes nothing', async (t) => {
  const publisher = await startPublisher(t, next(1));
  const live = await liveLists(t, { sources: [{ url: publisher.url }], fetchEveryMs: 5 * minuteMs });
  await live.pass(10 * minuteMs);
  assert.ok(publisher.asked.length > 1);
  assert.deepEqual(new Set(publisher.asked.slice(1).map(({ status }) => status)), new Set([304]));
  assert.equal(live.changes.length, 1);
  assert.equal(live.answer(), 'good');
});

const badly: Readonly<Record<string, { readonly code: string; readonly came: () => CertificateList | Uint8Array }>> = {
  'a number that goes back': { code: 'CS-CRL-030', came: () => next(6, { thisUpdate: testMoment }) },
  'a thisUpdate that goes back': { code: 'CS-CRL-030', came: () => next(8, { thisUpdate: testMoment - 2 * hourMs }) },
  'another issuer': { code: 'CS-CRL-031', came: () => makeList(root, { number: 9, thisUpdate: testMoment }) },
  'another scope': { code: 'CS-CRL-031', came: () => next(9, { scope: { only: 'user' } }) },
  'a delta': { code: 'CS-CRL-031', came: () => next(9, { base: 7 }) },
  'the wrong key': {
    code: 'CS-CRL-007',
    came: () => next(9, { key: root.key, identified: issuer.key, revoked: [entryFor(service)] }),
  },
  'a cut list': { code: 'CS-DER-001', came: () => next(9).raw.subarray(0, -20) },
  nothing: { code: 'CS-PEM-001', came: () => new Uint8Array() },
  'the future': {
    code: 'CS-CRL-005',
    came: () => next(9, { thisUpdate: testMoment + 2 * hourMs, nextUpdate: testMoment + 9 * hourMs }),
  },
};

for (const [name, { code, came }] of Object.entries(badly)) {
  test(`the last good list stays where ${name} comes, which is told once; the right one is taken afterwards`, async (t) => {
    const publisher = await startPublisher(t, next(7));
    const live = await liveLists(t, { sources: [{ url: publisher.url }], fetchEveryMs: minuteMs });
    publisher.given = came();
    await live.pass(minuteMs);
    await live.pass(minuteMs);
    assert.ok(publisher.asked.length > 2);
    assert.deepEqual(live.codes(), [code]);
    assert.equal(live.answer(), 'good');
    assert.equal(live.lists.evidence()[0]?.failure?.code, code);
    publisher.given = next(8, { thisUpdate: testMoment, revoked: [entryFor(service)] });
    await live.pass(10 * minuteMs);
    assert.equal(live.answer(), 'revoked');
    assert.equal(live.lists.evidence()[0]?.failure, undefined);
  });
}

test('where fetching fails the list stays, its end is told ahead and when it is there, and what it said of the revoked stays', async (t) => {
  const publisher = await startPublisher(t, next(1, { revoked: [entryFor(service)] }));
  const other = makeService(issuer, { subject: 'other' });
  const live = await liveLists(t, { sources: [{ url: publisher.url }] });
  publisher.given = (response) => void response.writeHead(503).end();
  await live.pass(7 * hourMs);
  assert.deepEqual(live.codes(), []);
  assert.equal(live.answer(other), 'good');
  // A quarter of twelve hours ahead.
  await live.pass(hourMs + minuteMs);
  assert.deepEqual(live.codes(), ['CS-CRL-032']);
  assert.match(String(live.warnings[0]?.evidence['reason']), /CS-FETCH-004/);
  await live.pass(3 * hourMs);
  assert.deepEqual(live.codes(), ['CS-CRL-032', 'CS-CRL-033']);
  assert.equal(live.answer(other), 'CS-CRL-004');
  assert.equal(live.answer(service), 'CS-CRL-004 revoked');
  assert.equal(live.changes.length, 2);
  await live.pass(10 * hourMs);
  assert.equal(live.codes().length, 2);
  const now = live.clock.now();
  publisher.given = next(2, { thisUpdate: now, nextUpdate: now + hourMs });
  await live.pass(10 * minuteMs);
  assert.equal(live.answer(service), 'good');
});

test('a source that gives nothing from the start is told, and asked again ever more seldom', async (t) => {
  const publisher = await startPublisher(t, (response) => void response.writeHead(404).end());
  const live = await liveLists(t, { sources: [{ url: publisher.url }] });
  for (let minute = 0; minute < 60; minute++) await live.pass(minuteMs);
  assert.deepEqual(live.codes(), ['CS-CRL-034']);
  assert.equal(live.answer(), 'CS-CRL-003');
  assert.ok(publisher.asked.length > 8 && publisher.asked.length < 20, String(publisher.asked.length));
});

test('a list that is stale when it comes decides nothing', async (t) => {
  const publisher = await startPublisher(
    t,
    next(1, { thisUpdate: testMoment - 9 * hourMs, nextUpdate: testMoment - hourMs }),
  );
  const live = await liveLists(t, { sources: [{ url: publisher.url }] });
  assert.equal(live.answer(), 'CS-CRL-004');
  assert.deepEqual(live.codes(), ['CS-CRL-033']);
});

test('a clock that is set ahead or back is noticed within a minute', async (t) => {
  const publisher = await startPublisher(t, next(1, { nextUpdate: testMoment + 48 * hourMs }));
  const live = await liveLists(t, { sources: [{ url: publisher.url }], fetchEveryMs: 24 * hourMs });
  live.clock.setNow(testMoment + 50 * hourMs);
  assert.equal(live.answer(), 'CS-CRL-004');
  await live.pass(minuteMs);
  assert.ok(publisher.asked.length > 1);
  assert.deepEqual(live.codes(), ['CS-CRL-033']);
  live.clock.setNow(testMoment);
  const told = live.changes.length;
  await live.pass(11 * minuteMs);
  assert.ok(live.changes.length > told);
  assert.equal(live.answer(), 'good');
});

test('lists that nobody could judge yet are judged when their signer is known, and forged ones keep nobody out', async (t) => {
  const publisher = await startPublisher(
    t,
    next(0xffff, { key: root.key, identified: issuer.key, nextUpdate: testMoment + 99 * hourMs }),
  );
  const live = await liveLists(t, { sources: [{ url: publisher.url }], trusted: [] });
  assert.deepEqual(live.codes(), []);
  assert.equal(live.answer(), 'CS-CRL-007');
  publisher.given = next(1);
  await live.lists.settled();
  assert.deepEqual(live.codes(), ['CS-CRL-007', 'CS-CRL-034']);
  await live.pass(minuteMs);
  assert.equal(live.answer(), 'good');
});

test('a list by a key that nobody knows takes no place: neither its number nor what it says keeps the right one out', async (t) => {
  const publisher = await startPublisher(t, next(7));
  const live = await liveLists(t, { sources: [{ url: publisher.url }], fetchEveryMs: minuteMs });
  publisher.given = next(0xffff, { thisUpdate: testMoment, key: root.key, revoked: [entryFor(service)] });
  await live.pass(minuteMs);
  assert.equal(publisher.asked.at(-1)?.status, 200);
  assert.equal(live.answer(), 'good');
  publisher.given = next(8, { revoked: [entryFor(service)] });
  await live.pass(2 * minuteMs);
  assert.equal(live.answer(), 'revoked');
  assert.deepEqual(live.codes(), []);
});

test("another authority's list, with that authority's certificates alone in its scope", async (t) => {
  const corporate = makeIssuer(root, { subject: 'corporate' });
  const partner = makeService(corporate, { subject: 'partner' });
  const publisher = await startPublisher(t, makeList(corporate, { revoked: [entryFor(partner)] }));
  const live = await liveLists(t, {
    sources: [{ url: publisher.url }],
    scope: { trustDomains: ['corporate'] },
    trusted: [],
  });
  const asked = question(service, testMoment);
  const path = { certificates: [partner.certificate, corporate.certificate], anchor: corporate.certificate };
  assert.deepEqual(live.lists.ask(asked), [{ status: 'notCovered' }, { status: 'notCovered' }]);
  assert.equal(live.lists.ask({ ...asked, path, trustDomain: 'corporate' })[0]?.status, 'revoked');
});
