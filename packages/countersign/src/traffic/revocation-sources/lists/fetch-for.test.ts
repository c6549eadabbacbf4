import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issuer, service } from '../../../../../../tests/fixtures/asked-lists.ts';
import { hourMs, makeService, testMoment, type Holder } from '../../../../../../tests/fixtures/certificates.ts';
import { startPublisher } from '../../../../../../tests/fixtures/list-publisher.ts';
import { liveLists, question } from '../../../../../../tests/fixtures/live-lists.ts';
import { entryFor, makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import { crlDistributionPointsExtension, freshestCrlExtension } from '../../../identity/x509/index.ts';

const never = new AbortController().signal;
const nextUpdate = testMoment + 9 * hourMs;

function pointingTo(...uris: string[]): Holder {
  return makeService(issuer, { moreExtensions: [crlDistributionPointsExtension([{ fullName: { uri: uris } }])] });
}

test('a list is fetched from where the certificate says that it is, where that is asked for, and kept up to date', async (t) => {
  const publisher = await startPublisher(t, makeList(issuer, { nextUpdate }));
  const leaf = pointingTo('ldap://a/', 'https://a.test/', publisher.url);
  const off = await liveLists(t, {});
  assert.equal(off.lists.fetchFor(question(leaf, testMoment), never), undefined);
  const live = await liveLists(t, { fromDistributionPoints: true });
  assert.equal(live.answer(leaf), 'CS-CRL-003');
  await live.lists.fetchFor(question(leaf, testMoment), never);
  assert.equal(live.answer(leaf), 'good');
  assert.equal(publisher.asked.length, 1);
  assert.equal(live.lists.fetchFor(question(leaf, testMoment), never), undefined);
  publisher.given = makeList(issuer, { number: 2, nextUpdate, revoked: [entryFor(leaf)] });
  await live.pass(hourMs);
  assert.equal(live.answer(leaf), 'revoked');
  // What an issuer's list answers for one of its certificates it answers for the next.
  assert.equal(live.lists.fetchFor(question(pointingTo(`${publisher.url}2`), testMoment), never), undefined);
});

test('an address that just failed is not asked again for the next peer, nor one in a private range at all', async (t) => {
  const publisher = await startPublisher(t, (response) => void response.writeHead(500).end());
  const leaf = pointingTo(publisher.url);
  const live = await liveLists(t, { fromDistributionPoints: true });
  await live.lists.fetchFor(question(leaf, testMoment), never);
  assert.equal(live.lists.fetchFor(question(leaf, testMoment), never), undefined);
  assert.equal(publisher.asked.length, 1);
  const strict = await liveLists(t, { fromDistributionPoints: true, privateRanges: 'refuse' });
  await strict.lists.fetchFor(question(leaf, testMoment), never);
  assert.equal(strict.lists.evidence()[0]?.failure?.code, 'CS-FETCH-006');
  assert.equal(publisher.asked.length, 1);
});

test('waiting for a responder that hangs ends with the signal, and addresses that are kept have a bound', async (t) => {
  const controller = new AbortController();
  const publisher = await startPublisher(t, () => controller.abort());
  const live = await liveLists(t, { fromDistributionPoints: true });
  await live.lists.fetchFor(question(pointingTo(publisher.url), testMoment), controller.signal);
  assert.equal(live.answer(), 'CS-CRL-003');
  const ended = AbortSignal.abort();
  for (let index = 0; index < 40; index++) {
    await live.lists.fetchFor(
      question(pointingTo(...[0, 1, 2, 3, 4].map((n) => `${publisher.url}${index}${n}`)), testMoment),
      ended,
    );
  }
  assert.equal(live.lists.evidence().length, 128);
  live.lists.close();
  assert.equal(live.lists.fetchFor(question(service, testMoment), never), undefined);
});

test('a list that went out of date is fetched for who asks', async (t) => {
  const publisher = await startPublisher(t, makeList(issuer, { nextUpdate }));
  const live = await liveLists(t, { sources: [{ url: publisher.url }] });
  const later = testMoment + 10 * hourMs;
  live.clock.setNow(later);
  assert.equal(live.answer(), 'CS-CRL-004');
  publisher.given = makeList(issuer, { number: 2, thisUpdate: later, nextUpdate: later + hourMs });
  await live.lists.fetchFor(question(service, later), never);
  assert.equal(live.answer(), 'good');
});

test('the changes to a list are fetched from where the list says that they are', async (t) => {
  const changes = { number: 2, base: 1, thisUpdate: testMoment, nextUpdate, revoked: [entryFor(service)] };
  const deltas = await startPublisher(t, makeList(issuer, changes));
  const moreExtensions = [freshestCrlExtension([{ fullName: { uri: [deltas.url] } }])];
  const publisher = await startPublisher(t, makeList(issuer, { nextUpdate, moreExtensions }));
  const sources = [{ url: publisher.url }];
  const live = await liveLists(t, { sources, fromDistributionPoints: true });
  assert.equal(live.answer(), 'revoked');
  const off = await liveLists(t, { sources });
  assert.equal(off.answer(), 'good');
  assert.equal(deltas.asked.length, 1);
});
